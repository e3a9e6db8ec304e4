/// Chunks of point records, packed as LASzip packs them and unpacked again.
///
/// Our own: LASzip's library is in few distributions, and a damaged file can do no harm here.
enum LAZCodec {
    /// Records of more bytes are no chunk: LASzip's own hold 50 000 points.
    private static let mostBytes = 1 << 30
    /// A point costs at least the two hundredth part of a bit in three symbols.
    private static let mostPointsPerByte = 2000

    /// The records of a chunk; nil if its bytes are not those of so many points.
    static func unpack(
        _ chunk: [UInt8], points: Int, recordLength: Int, _ layout: LAZLayout
    ) -> [UInt8]? {
        guard chunk.count >= recordLength, points > 0,
            points <= min(mostBytes / recordLength, chunk.count * mostPointsPerByte)
        else { return nil }
        let size = points * recordLength
        var records = Array(chunk[..<recordLength])
        records.append(contentsOf: repeatElement(0, count: size - recordLength))
        var span = records.mutableSpan
        let isSound =
            layout.isLayered
            ? unpackLayers(chunk, &span, recordLength, layout)
            : unpackPoints(chunk, &span, recordLength, layout)
        return isSound ? records : nil
    }

    private static func unpackPoints(
        _ chunk: [UInt8], _ records: inout MutableSpan<UInt8>, _ length: Int, _ layout: LAZLayout
    ) -> Bool {
        guard records.count > length else { return true }
        let decoder = ArithmeticDecoder(chunk, length..<chunk.count)
        var points = PointwiseChunk(layout, after: records, coder: decoder)
        for place in stride(from: length, to: records.count, by: length) {
            points.code(&records, at: place)
        }
        let isDamaged = points.isDamaged
        let end = points.finish()
        return !isDamaged && !end.isDamaged && end.position == chunk.count
    }

    private static func unpackLayers(
        _ chunk: [UInt8], _ records: inout MutableSpan<UInt8>, _ length: Int, _ layout: LAZLayout
    ) -> Bool {
        let bytes = chunk.span
        let count = LayeredChunk<ArithmeticDecoder>.layers(of: layout)
        let start = length + 4 + 4 * count
        guard chunk.count >= start,
            littleEndianBits(bytes, at: length, size: 4) == UInt64(records.count / length)
        else { return false }
        var at = start
        var layers: [LAZLayer<ArithmeticDecoder>] = []
        for layer in 0..<count {
            let size = Int(littleEndianBits(bytes, at: length + 4 + 4 * layer, size: 4))
            guard size <= chunk.count - at else { return false }
            layers.append(
                LAZLayer(reading: ArithmeticDecoder(chunk, at..<at + size), isUsed: size > 0))
            at += size
        }
        guard at == chunk.count, layers[0].isUsed || records.count == length else { return false }
        var points = LayeredChunk(layout, after: records, layers: layers)
        for place in stride(from: length, to: records.count, by: length) {
            points.code(&records, at: place)
        }
        return !points.isDamaged && points.layers.allSatisfy { !$0.isUsed || !$0.coder.isDamaged }
    }

    /// The chunk of some records.
    static func pack(_ records: [UInt8], recordLength: Int, _ layout: LAZLayout) -> [UInt8] {
        var records = records
        var chunk = Array(records[..<recordLength])
        var span = records.mutableSpan
        let places = stride(from: recordLength, to: span.count, by: recordLength)
        guard layout.isLayered else {
            var points = PointwiseChunk(layout, after: span, coder: ArithmeticEncoder())
            for place in places { points.code(&span, at: place) }
            return chunk + points.finish().finish()
        }
        let layers = (0..<LayeredChunk<ArithmeticEncoder>.layers(of: layout)).map {
            LAZLayer(writing: ArithmeticEncoder(), always: $0 < 2)
        }
        var points = LayeredChunk(layout, after: span, layers: layers)
        for place in places { points.code(&span, at: place) }
        let written = points.layers.map { $0.isUsed ? $0.coder.finish() : [] }
        chunk.append(word: UInt32(span.count / recordLength))
        for layer in written { chunk.append(word: UInt32(layer.count)) }
        for layer in written { chunk += layer }
        return chunk
    }
}
