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
        var records = Array(chunk[..<recordLength])
        let isSound =
            layout.isLayered
            ? decodeLayers(chunk, points, &records, recordLength, layout)
            : decodePoints(chunk, points, &records, recordLength, layout)
        return isSound ? records : nil
    }

    // The memory grows with the points that have been decoded, not with those that are declared: a
    // damaged chunk ends long before its declared size.
    /// Appends blocks of empty records up to `size` bytes and calls `decode` with the offsets of
    /// each; stops when it returns false.
    private static func decodeBlocks(
        _ records: inout [UInt8], of length: Int, to size: Int,
        _ decode: (_ records: inout MutableSpan<UInt8>, _ offsets: StrideTo<Int>) -> Bool
    ) -> Bool {
        while records.count < size {
            let start = records.count
            // Doubling keeps the cost of growing linear.
            let points = min((size - start) / length, max(start, 1 << 20) / length + 1)
            records.append(contentsOf: repeatElement(0, count: points * length))
            var span = records.mutableSpan
            guard decode(&span, stride(from: start, to: span.count, by: length)) else {
                return false
            }
        }
        return true
    }

    private static func decodePoints(
        _ chunk: [UInt8], _ count: Int, _ records: inout [UInt8], _ length: Int,
        _ layout: LAZLayout
    ) -> Bool {
        guard count > 1 else { return true }
        let decoder = ArithmeticDecoder(chunk, length..<chunk.count)
        var points = PointwiseChunk(layout, after: records.mutableSpan, coder: decoder)
        let isWhole = decodeBlocks(&records, of: length, to: count * length) { records, offsets in
            for offset in offsets { points.code(&records, at: offset) }
            return !points.isDamaged && !points.coder.isDamaged
        }
        let isDamaged = points.isDamaged || !isWhole
        let end = points.finish()
        // Unread bytes mean that the chunk's points were something else.
        return !isDamaged && !end.isDamaged && end.position == chunk.count
    }

    private static func decodeLayers(
        _ chunk: [UInt8], _ points: Int, _ records: inout [UInt8], _ length: Int,
        _ layout: LAZLayout
    ) -> Bool {
        let bytes = chunk.span
        let count = LayeredChunk<ArithmeticDecoder>.layers(of: layout)
        let start = length + 4 + 4 * count
        guard chunk.count >= start,
            littleEndianBits(bytes, at: length, size: 4) == UInt64(points)
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
        guard at == chunk.count, layers[0].isUsed || points == 1 else { return false }
        var coder = LayeredChunk(layout, after: records.mutableSpan, layers: layers)
        let isWhole = decodeBlocks(&records, of: length, to: points * length) { records, offsets in
            for offset in offsets { coder.code(&records, at: offset) }
            return !coder.isDamaged && coder.layers.allSatisfy { !$0.isUsed || !$0.coder.isDamaged }
        }
        return isWhole && coder.layers.allSatisfy { !$0.isUsed || !$0.coder.isDamaged }
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
