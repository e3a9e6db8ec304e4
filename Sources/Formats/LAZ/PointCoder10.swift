/// Codes the first 20 bytes of point formats 0 to 5 (LASzip's POINT10, version 2).
struct PointCoder10: Sendable {
    /// Numbers of the 20 bytes.
    private struct Point {
        var x: Int32
        var y: Int32
        var z: Int32
        var intensity: UInt16
        /// Return number, number of returns, scan direction and edge of flight line.
        var returns: UInt8
        var classification: UInt8
        var angle: UInt8
        var userData: UInt8
        var source: UInt16

        init(_ records: borrowing MutableSpan<UInt8>, at start: Int) {
            x = records.i32(start)
            y = records.i32(start + 4)
            z = records.i32(start + 8)
            intensity = records.u16(start + 12)
            returns = records[start + 14]
            classification = records[start + 15]
            angle = records[start + 16]
            userData = records[start + 17]
            source = records.u16(start + 18)
        }

        func put(in records: inout MutableSpan<UInt8>, at start: Int) {
            records.put(x, at: start)
            records.put(y, at: start + 4)
            records.put(z, at: start + 8)
            records.put(intensity, at: start + 12)
            records[start + 14] = returns
            records[start + 15] = classification
            records[start + 16] = angle
            records[start + 17] = userData
            records.put(source, at: start + 18)
        }

        var count: Int { Int(returns >> 3 & 7) }
        var number: Int { Int(returns & 7) }
    }

    private var changes: SymbolModel
    private var returns: ContextModels
    private var classifications: ContextModels
    private var userData: ContextModels
    private var angles: [SymbolModel]
    private var intensities: IntegerCoder
    private var sources: IntegerCoder
    private var x: IntegerCoder
    private var y: IntegerCoder
    private var z: IntegerCoder
    private var stepsX = [StreamingMedian](repeating: StreamingMedian(), count: 16)
    private var stepsY = [StreamingMedian](repeating: StreamingMedian(), count: 16)
    private var lastIntensity = [UInt16](repeating: 0, count: 16)
    private var lastHeight = [Int32](repeating: 0, count: 8)
    private var last: Point

    /// Creates a coder that predicts from the uncompressed point at an offset of the records.
    init(after records: borrowing MutableSpan<UInt8>, at start: Int, decodes: Bool) {
        returns = ContextModels(256, of: 256, decodes: decodes)
        classifications = returns
        userData = returns
        changes = SymbolModel(64, decodes: decodes)
        angles = (0..<2).map { _ in SymbolModel(256, decodes: decodes) }
        intensities = IntegerCoder(bits: 16, contexts: 4, decodes: decodes)
        sources = IntegerCoder(bits: 16, decodes: decodes)
        x = IntegerCoder(bits: 32, contexts: 2, decodes: decodes)
        y = IntegerCoder(bits: 32, contexts: 22, decodes: decodes)
        z = IntegerCoder(bits: 32, contexts: 20, decodes: decodes)
        last = Point(records, at: start)
        // LASzip starts the intensity from 0 whatever the first point's is.
        last.intensity = 0
    }

    /// Codes the point at an offset of the records.
    mutating func code<Coder: EntropyCoder>(
        _ records: inout MutableSpan<UInt8>, at start: Int, with coder: inout Coder
    ) {
        let point = Point(records, at: start)
        let changed = coder.symbol(Coder.encodes ? changes(of: point) : 0, &changes)
        if changed & 32 != 0 {
            last.returns = returns.code(point.returns, context: Int(last.returns), with: &coder)
        }
        let kind = ReturnContexts.legacyKind(of: last.count, last.number)
        if changed & 16 != 0 {
            let value = intensities.code(
                Int32(point.intensity), predicted: Int32(lastIntensity[kind]),
                context: min(kind, 3), with: &coder)
            lastIntensity[kind] = UInt16(truncatingIfNeeded: value)
        }
        last.intensity = lastIntensity[kind]
        if changed & 8 != 0 {
            last.classification = classifications.code(
                point.classification, context: Int(last.classification), with: &coder)
        }
        if changed & 4 != 0 {
            let direction = Int(last.returns >> 6 & 1)
            let step = coder.symbol(Int(point.angle &- last.angle), &angles[direction])
            last.angle &+= UInt8(step)
        }
        if changed & 2 != 0 {
            last.userData = userData.code(
                point.userData, context: Int(last.userData), with: &coder)
        }
        if changed & 1 != 0 {
            let value = sources.code(
                Int32(point.source), predicted: Int32(last.source), with: &coder)
            last.source = UInt16(truncatingIfNeeded: value)
        }
        codePosition(of: point, kind: kind, with: &coder)
        if !Coder.encodes { last.put(in: &records, at: start) }
    }

    private func changes(of point: Point) -> Int {
        let kind = ReturnContexts.legacyKind(of: point.count, point.number)
        return (point.returns != last.returns ? 32 : 0)
            | (point.intensity != lastIntensity[kind] ? 16 : 0)
            | (point.classification != last.classification ? 8 : 0)
            | (point.angle != last.angle ? 4 : 0) | (point.userData != last.userData ? 2 : 0)
            | (point.source != last.source ? 1 : 0)
    }

    private mutating func codePosition<Coder: EntropyCoder>(
        of point: Point, kind: Int, with coder: inout Coder
    ) {
        let isSingle = last.count == 1 ? 1 : 0
        let stepX = x.code(
            point.x &- last.x, predicted: stepsX[kind].median, context: isSingle, with: &coder)
        last.x &+= stepX
        stepsX[kind].add(stepX)
        let stepY = y.code(
            point.y &- last.y, predicted: stepsY[kind].median,
            context: isSingle + contextOfBits(x.bitsOfLast, limit: 20), with: &coder)
        last.y &+= stepY
        stepsY[kind].add(stepY)
        let bits = (x.bitsOfLast + y.bitsOfLast) / 2
        let depth = ReturnContexts.depth(of: last.count, last.number)
        last.z = z.code(
            point.z, predicted: lastHeight[depth],
            context: isSingle + contextOfBits(bits, limit: 18), with: &coder)
        lastHeight[depth] = last.z
    }
}

/// Models of bytes by context; a model is created when its context first occurs.
struct ContextModels: Sendable {
    private var models: [SymbolModel?]
    private let symbols: Int
    private let decodes: Bool

    /// Creates models of `symbols` symbols for a number of contexts.
    init(_ contexts: Int, of symbols: Int, decodes: Bool) {
        models = Array(repeating: nil, count: contexts)
        self.symbols = symbols
        self.decodes = decodes
    }

    /// Codes a symbol in a context.
    mutating func code<Coder: EntropyCoder>(
        _ value: UInt8, context: Int, with coder: inout Coder
    ) -> UInt8 {
        // Taken out and put back: a second reference would copy the model's array on every symbol.
        var model = models[context].take() ?? SymbolModel(symbols, decodes: decodes)
        let symbol = coder.symbol(Int(value), &model)
        models[context] = model
        return UInt8(symbol)
    }
}
