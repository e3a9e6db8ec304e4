/// Encodes and decodes chunks of point records in LASzip's format.
///
/// Implemented here because few distributions package LASzip, and because a damaged file must not be
/// able to read or write outside its buffers.
enum LAZCodec {
    // LASzip's own chunks hold 50,000 points; a chunk that declares a gigabyte is damaged.
    private static let largestChunkSize = 1 << 30
    // Each of a point's at least three symbols takes at least 1/200 bit, so a chunk that declares
    // more points per byte is damaged. Checked before the points are allocated.
    private static let mostPointsPerByte = 2000

    /// Decompresses the records of a chunk; returns nil if the chunk is damaged.
    static func decode(
        _ chunk: [UInt8], points: Int, recordLength: Int, _ layout: LAZLayout
    ) -> [UInt8]? {
        guard chunk.count >= recordLength, points > 0,
            points <= min(largestChunkSize / recordLength, chunk.count * mostPointsPerByte)
        else { return nil }
        let size = points * recordLength
        var records = Array(chunk[..<recordLength])
        records.append(contentsOf: repeatElement(0, count: size - recordLength))
        var span = records.mutableSpan
        let isSound =
            layout.isLayered
            ? decodeLayers(chunk, &span, recordLength, layout)
            : decodePoints(chunk, &span, recordLength, layout)
        return isSound ? records : nil
    }

    private static func decodePoints(
        _ chunk: [UInt8], _ records: inout MutableSpan<UInt8>, _ length: Int, _ layout: LAZLayout
    ) -> Bool {
        guard records.count > length else { return true }
        let decoder = ArithmeticDecoder(chunk, length..<chunk.count)
        var points = PointwiseChunk(layout, after: records, coder: decoder)
        for offset in stride(from: length, to: records.count, by: length) {
            points.code(&records, at: offset)
        }
        let isDamaged = points.isDamaged
        let end = points.finish()
        // Unread bytes mean that the chunk's points were something else.
        return !isDamaged && !end.isDamaged && end.position == chunk.count
    }

    private static func decodeLayers(
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
        for offset in stride(from: length, to: records.count, by: length) {
            points.code(&records, at: offset)
        }
        return !points.isDamaged && points.layers.allSatisfy { !$0.isUsed || !$0.coder.isDamaged }
    }

    /// Compresses records to a chunk.
    static func encode(_ records: [UInt8], recordLength: Int, _ layout: LAZLayout) -> [UInt8] {
        var records = records
        var chunk = Array(records[..<recordLength])
        var span = records.mutableSpan
        // The first point is stored as it is: it seeds the predictions.
        let offsets = stride(from: recordLength, to: span.count, by: recordLength)
        guard layout.isLayered else {
            var points = PointwiseChunk(layout, after: span, coder: ArithmeticEncoder())
            for offset in offsets { points.code(&span, at: offset) }
            return chunk + points.finish().finish()
        }
        // LASzip always writes the first two layers, even if nothing in them changes.
        let layers = (0..<LayeredChunk<ArithmeticEncoder>.layers(of: layout)).map {
            LAZLayer(writing: ArithmeticEncoder(), always: $0 < 2)
        }
        var points = LayeredChunk(layout, after: span, layers: layers)
        for offset in offsets { points.code(&span, at: offset) }
        let encoded = points.layers.map { $0.isUsed ? $0.coder.finish() : [] }
        chunk.append(word: UInt32(span.count / recordLength))
        for layer in encoded { chunk.append(word: UInt32(layer.count)) }
        for layer in encoded { chunk += layer }
        return chunk
    }
}
