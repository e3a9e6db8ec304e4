/// Prediction state of one scanner channel: its last point and its models.
struct ScannerChannel: Sendable {
    /// Last point of the channel.
    var last: Point14

    private let decodes: Bool
    private var hasNewTime = false
    private var changes: [SymbolModel]
    private var steps: SymbolModel
    private var returns: ContextModels
    private var numbers: ContextModels
    private var numbersOfPulse: SymbolModel
    private var x: IntegerCoder
    private var y: IntegerCoder
    private var z: IntegerCoder
    private var stepsX = [StreamingMedian](repeating: StreamingMedian(), count: 12)
    private var stepsY = [StreamingMedian](repeating: StreamingMedian(), count: 12)
    private var lastHeight: [Int32]
    private var classifications: ContextModels
    private var flags: ContextModels
    private var userData: ContextModels
    private var intensities: IntegerCoder
    private var lastIntensity: [UInt16]
    private var angles: IntegerCoder
    private var sources: IntegerCoder
    private var times: GPSTimeCoder

    /// Creates a channel that predicts from a point.
    init(after first: Point14, decodes: Bool) {
        self.decodes = decodes
        last = first
        changes = (0..<8).map { _ in SymbolModel(128, decodes: decodes) }
        steps = SymbolModel(3, decodes: decodes)
        returns = ContextModels(16, of: 16, decodes: decodes)
        numbers = ContextModels(16, of: 16, decodes: decodes)
        numbersOfPulse = SymbolModel(13, decodes: decodes)
        x = IntegerCoder(bits: 32, contexts: 2, decodes: decodes)
        y = IntegerCoder(bits: 32, contexts: 22, decodes: decodes)
        z = IntegerCoder(bits: 32, contexts: 20, decodes: decodes)
        lastHeight = [Int32](repeating: first.z, count: 8)
        classifications = ContextModels(64, of: 256, decodes: decodes)
        flags = ContextModels(64, of: 64, decodes: decodes)
        userData = ContextModels(64, of: 256, decodes: decodes)
        intensities = IntegerCoder(bits: 16, contexts: 4, decodes: decodes)
        lastIntensity = [UInt16](repeating: first.intensity, count: 8)
        angles = IntegerCoder(bits: 16, contexts: 2, decodes: decodes)
        sources = IntegerCoder(bits: 16, decodes: decodes)
        times = GPSTimeCoder(after: first.time, hasUnchanged: false, decodes: decodes)
    }

    // MARK: - Changes

    /// Symbol whose bits state which attributes of a point differ from the last point.
    func changes(of point: Point14) -> Int {
        var symbol = point.source != last.source ? 32 : 0
        if point.time != last.time { symbol |= 16 }
        if point.angle != last.angle { symbol |= 8 }
        if point.returns != last.returns { symbol |= 4 }
        switch (point.number &- last.number) & 15 {
        case 0: break
        case 1: symbol |= 1
        case 15: symbol |= 2
        default: symbol |= 3
        }
        return symbol
    }

    /// Codes the symbol of changes in the context of the last point.
    mutating func changes<Coder: EntropyCoder>(
        _ symbol: Int, with coder: inout Coder
    ) -> Int {
        let kind =
            (last.number == 1 ? 1 : 0) | (last.number >= last.returns ? 2 : 0)
            | (hasNewTime ? 4 : 0)
        return coder.symbol(symbol, &changes[kind])
    }

    /// Codes the distance to the next point's channel, minus one.
    mutating func step<Coder: EntropyCoder>(_ step: Int, with coder: inout Coder) -> Int {
        coder.symbol(step, &steps)
    }

    // MARK: - Points

    /// Codes a point, which becomes the last; returns false if the input is damaged.
    mutating func code<Coder: EntropyCoder>(
        _ point: Point14, _ symbol: Int, _ layers: inout PointLayers<Coder>
    ) -> Bool {
        let isNewTime = symbol & 16 != 0
        codeReturns(of: point, symbol, with: &layers.positions.coder)
        let (count, number) = (Int(last.returns), Int(last.number))
        let returnKind = (number == 1 ? 2 : 0) | (number >= count ? 1 : 0)
        codePosition(of: point, isNewTime: isNewTime, &layers)
        codeBytes(of: point, isSingle: returnKind == 3, &layers)

        if Coder.encodes && point.intensity != last.intensity { layers.intensities.isUsed = true }
        if Coder.encodes || layers.intensities.isUsed {
            let context = returnKind << 1 | (isNewTime ? 1 : 0)
            let value = intensities.code(
                Int32(point.intensity), predicted: Int32(lastIntensity[context]),
                context: returnKind,
                with: &layers.intensities.coder)
            last.intensity = UInt16(truncatingIfNeeded: value)
            lastIntensity[context] = last.intensity
        }
        if symbol & 8 != 0 && (Coder.encodes || layers.angles.isUsed) {
            layers.angles.isUsed = true
            let value = angles.code(
                Int32(point.angle), predicted: Int32(last.angle), context: isNewTime ? 1 : 0,
                with: &layers.angles.coder)
            last.angle = Int16(truncatingIfNeeded: value)
        }
        if symbol & 32 != 0 && (Coder.encodes || layers.sources.isUsed) {
            layers.sources.isUsed = true
            let value = sources.code(
                Int32(point.source), predicted: Int32(last.source), with: &layers.sources.coder)
            last.source = UInt16(truncatingIfNeeded: value)
        }
        if isNewTime && (Coder.encodes || layers.times.isUsed) {
            layers.times.isUsed = true
            guard let time = times.code(point.time, with: &layers.times.coder) else {
                return false
            }
            last.time = time
        }
        hasNewTime = isNewTime
        if Coder.encodes { last = point }
        return true
    }

    private mutating func codeReturns<Coder: EntropyCoder>(
        of point: Point14, _ symbol: Int, with coder: inout Coder
    ) {
        let before = last.number
        if symbol & 4 != 0 {
            last.returns = returns.code(point.returns, context: Int(last.returns), with: &coder)
        }
        switch symbol & 3 {
        case 0: break
        case 1: last.number = (before + 1) & 15
        case 2: last.number = (before + 15) & 15
        default:
            if symbol & 16 != 0 {
                last.number = numbers.code(point.number, context: Int(before), with: &coder)
            } else {
                let step = (Int(point.number) - Int(before) - 2) & 15
                last.number = UInt8(
                    (Int(before) + coder.symbol(step, &numbersOfPulse) + 2) & 15)
            }
        }
    }

    private mutating func codePosition<Coder: EntropyCoder>(
        of point: Point14, isNewTime: Bool, _ layers: inout PointLayers<Coder>
    ) {
        let (count, number) = (Int(last.returns), Int(last.number))
        let kind = ReturnContexts.kind(of: count, number) << 1 | (isNewTime ? 1 : 0)
        let isSingle = count == 1 ? 1 : 0
        let stepX = x.code(
            point.x &- last.x, predicted: stepsX[kind].median, context: isSingle,
            with: &layers.positions.coder)
        last.x &+= stepX
        stepsX[kind].add(stepX)
        let stepY = y.code(
            point.y &- last.y, predicted: stepsY[kind].median,
            context: isSingle + contextOfBits(x.bitsOfLast, limit: 20),
            with: &layers.positions.coder)
        last.y &+= stepY
        stepsY[kind].add(stepY)
        guard layers.heights.isUsed else { return }
        let bits = (x.bitsOfLast + y.bitsOfLast) / 2
        let depth = ReturnContexts.depth(of: count, number)
        last.z = z.code(
            point.z, predicted: lastHeight[depth],
            context: isSingle + contextOfBits(bits, limit: 18), with: &layers.heights.coder)
        lastHeight[depth] = last.z
    }

    private mutating func codeBytes<Coder: EntropyCoder>(
        of point: Point14, isSingle: Bool, _ layers: inout PointLayers<Coder>
    ) {
        if Coder.encodes {
            if point.classification != last.classification { layers.classifications.isUsed = true }
            if point.flags != last.flags { layers.flags.isUsed = true }
            if point.userData != last.userData { layers.userData.isUsed = true }
        }
        if Coder.encodes || layers.classifications.isUsed {
            let context = Int(last.classification & 31) << 1 | (isSingle ? 1 : 0)
            last.classification = classifications.code(
                point.classification, context: context, with: &layers.classifications.coder)
        }
        if Coder.encodes || layers.flags.isUsed {
            last.flags = flags.code(
                point.flags, context: Int(last.flags), with: &layers.flags.coder)
        }
        if Coder.encodes || layers.userData.isUsed {
            last.userData = userData.code(
                point.userData, context: Int(last.userData >> 2), with: &layers.userData.coder)
        }
    }
}
