import Archives

/// Writes copies of LAS and LAZ files with other classifications.
package enum LASWriter {
    /// Copies a file, replaces the classification of each point and keeps every other byte.
    ///
    /// The points of a LAZ file are compressed again, chunk by chunk, and the offsets in its header
    /// are adjusted. The copy is written atomically.
    package static func write(
        classifications: [Int], like original: String, to path: String
    ) throws {
        let las = try LASFile(original)
        guard classifications.count == las.header.count else {
            throw SourceError(
                "\(classifications.count) classes cannot be written for the "
                    + "\(las.header.count) points of \(original): give one class per point.")
        }
        let largest = las.header.format.isExtended ? 255 : 31
        if let row = classifications.firstIndex(where: { !(0...largest).contains($0) }) {
            throw SourceError(
                "Point \(row) of the predictions for \(original) has class \(classifications[row]),"
                    + " but point format \(las.header.format.number) stores 0 to \(largest): give "
                    + "the class a number in this range under data.classes.")
        }
        try DataFile.write(
            las.layout == nil
                ? try uncompressed(classifications, las) : try compressed(classifications, las),
            to: path)
    }

    private static func uncompressed(
        _ classifications: [Int], _ las: LASFile
    ) throws -> [UInt8] {
        var bytes = try las.file.all()
        var span = bytes.mutableSpan
        put(classifications[...], in: &span, from: las.header.pointOffset, las.header)
        return bytes
    }

    private static func compressed(
        _ classifications: [Int], _ las: LASFile
    ) throws -> [UInt8] {
        guard let layout = las.layout, let old = las.chunks else { return try las.file.all() }
        let header = las.header
        var bytes = try las.file.bytes(0..<header.pointOffset)
        bytes += [UInt8](repeating: 0, count: 8)
        var chunks = LAZChunkTable(start: bytes.count)
        for chunk in old.points.indices {
            let rows = old.firstPoints[chunk]..<old.firstPoints[chunk + 1]
            var records = try las.records(ofChunk: chunk)
            var span = records.mutableSpan
            put(classifications[rows], in: &span, from: 0, header)
            let encoded = LAZCodec.encode(records, recordLength: header.recordLength, layout)
            chunks.add(points: rows.count, bytes: encoded.count)
            bytes += encoded
        }
        let table = bytes.count
        bytes += chunks.encoded(layout)
        let shift = bytes.count - old.end
        bytes += try las.file.bytes(old.end..<las.file.size)
        var span = bytes.mutableSpan
        span.put(UInt64(table), at: header.pointOffset)
        // Waveforms (227) and extended records (235) behind the points move by the change in size.
        for at in [227, 235] where header.size >= at + 8 && (at == 227 || header.minorVersion > 3) {
            let offset = span.u64(at)
            if offset >= UInt64(old.end), header.minorVersion >= 3 {
                span.put(offset &+ UInt64(bitPattern: Int64(shift)), at: at)
            }
        }
        return bytes
    }

    private static func put(
        _ classifications: ArraySlice<Int>, in records: inout MutableSpan<UInt8>, from start: Int,
        _ header: LASHeader
    ) {
        let field = header.format.classification
        var at = start + field.offset
        for value in classifications {
            let value = UInt8(truncatingIfNeeded: value)
            // In formats 0 to 5 the three highest bits of the byte are flags, which must stay.
            records[at] = field.bits == nil ? value : records[at] & 0xE0 | value
            at += header.recordLength
        }
    }
}
