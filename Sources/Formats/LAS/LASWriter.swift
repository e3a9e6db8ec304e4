import Archives

/// LAS and LAZ files with other classifications and nothing else changed.
package enum LASWriter {
    /// Writes a copy of a file in which each point has the classification given.
    ///
    /// Every other byte of header, records and points stays as it is; of a LAZ file the points are
    /// packed anew, chunk by chunk, with what the header says of places behind them moved. The
    /// copy appears whole under its name or not at all.
    package static func write(
        classifications: [Int], like original: String, to path: String
    ) throws {
        let las = try LASFile(original)
        guard classifications.count == las.header.count else {
            throw SourceError(
                "\(classifications.count) classes cannot be written for the "
                    + "\(las.header.count) points of \(original): give one a point.")
        }
        let most = las.header.format.isExtended ? 255 : 31
        if let row = classifications.firstIndex(where: { !(0...most).contains($0) }) {
            throw SourceError(
                "Point \(row) of the predictions for \(original) has class \(classifications[row]),"
                    + " but point format \(las.header.format.number) holds 0 to \(most): give the "
                    + "class such a number under data.classes.")
        }
        try DataFile.write(
            las.layout == nil
                ? try plain(classifications, las) : try packed(classifications, las), to: path)
    }

    private static func plain(_ classifications: [Int], _ las: LASFile) throws -> [UInt8] {
        var bytes = try las.file.all()
        var span = bytes.mutableSpan
        put(classifications[...], in: &span, from: las.header.pointOffset, las.header)
        return bytes
    }

    private static func packed(_ classifications: [Int], _ las: LASFile) throws -> [UInt8] {
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
            let packed = LAZCodec.pack(records, recordLength: header.recordLength, layout)
            chunks.add(points: rows.count, bytes: packed.count)
            bytes += packed
        }
        let table = bytes.count
        bytes += chunks.written(layout)
        let shift = bytes.count - old.end
        bytes += try las.file.bytes(old.end..<las.file.size)
        var span = bytes.mutableSpan
        span.put(UInt64(table), at: header.pointOffset)
        // The places of waveforms and of extended records, where they lie behind the points.
        for at in [227, 235] where header.size >= at + 8 && (at == 227 || header.minorVersion > 3) {
            let place = span.u64(at)
            if place >= UInt64(old.end), header.minorVersion >= 3 {
                span.put(place &+ UInt64(bitPattern: Int64(shift)), at: at)
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
            // The three highest bits of the old formats' byte are flags.
            records[at] = field.bits == nil ? value : records[at] & 0xE0 | value
            at += header.recordLength
        }
    }
}
