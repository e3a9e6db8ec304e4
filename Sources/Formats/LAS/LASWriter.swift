import ZipArchives

/// Writes copies of LAS and LAZ files with other classifications.
package enum LASWriter {
    /// A copy in memory.
    private struct Copy {
        var bytes: [UInt8]
        /// Whether the copy has a valid index of COPC.
        var isIndexed = false
    }

    /// Copies a file, replaces the classification of each point and keeps every other byte; returns
    /// the path of the copy.
    ///
    /// The points of a LAZ file are compressed again, chunk by chunk, and every offset that the file
    /// has of what lies in or behind them is adjusted: the header's of waveforms and extended
    /// records, the compressor's of its own records, and those of an index of COPC. If the index
    /// does not match the file's chunks, the copy has neither its records nor `.copc` in its name.
    /// The copy is written atomically.
    @discardableResult
    package static func write(
        classifications: [Int], like original: String, to path: String
    ) throws -> String {
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
                    + "the class a number in this range under data.classes of the model's recipe, or "
                    + "convert the scan to another format.")
        }
        let copy =
            las.layout == nil
            ? try uncompressed(classifications, las) : try compressed(classifications, las)
        let path = copy.isIndexed ? path : withoutIndex(path)
        try DataFile.write(copy.bytes, to: path)
        return path
    }

    /// Removes `.copc` from a name that ends in `.copc.laz`, which promises an index.
    private static func withoutIndex(_ path: String) -> String {
        guard path.lowercased().hasSuffix(".copc.laz") else { return path }
        return String(path.dropLast(9)) + String(path.suffix(4))
    }

    private static func uncompressed(
        _ classifications: [Int], _ las: LASFile
    ) throws -> Copy {
        var bytes = try las.file.all()
        var span = bytes.mutableSpan
        put(classifications[...], in: &span, from: las.header.pointOffset, las.header)
        return Copy(bytes: bytes)
    }

    private static func compressed(_ classifications: [Int], _ las: LASFile) throws -> Copy {
        guard let layout = las.layout, let old = las.chunks else {
            return Copy(bytes: try las.file.all())
        }
        let header = las.header
        var bytes = try las.file.bytes(0..<header.pointOffset)
        bytes += [UInt8](repeating: 0, count: 8)
        var chunks = LAZChunkTable(start: bytes.count)
        for chunk in old.points.indices {
            let rows = old.firstPoints[chunk]..<old.firstPoints[chunk + 1]
            guard !rows.isEmpty else {
                let range = old.starts[chunk]..<old.starts[chunk + 1]
                chunks.add(points: 0, bytes: range.count)
                bytes += try las.file.bytes(range)
                continue
            }
            var records = try las.records(ofChunk: chunk)
            var span = records.mutableSpan
            put(classifications[rows], in: &span, from: 0, header)
            let encoded = LAZCodec.encode(records, recordLength: header.recordLength, layout)
            chunks.add(points: rows.count, bytes: encoded.count)
            bytes += encoded
        }
        let table = bytes.count
        bytes += chunks.encoded(layout)
        let shift = bytes.count - old.rest.lowerBound
        bytes += try las.file.bytes(old.rest)
        var span = bytes.mutableSpan
        span.put(UInt64(table), at: header.pointOffset)
        for at in offsets(in: header) {
            let offset = span.u64(at)
            // Offsets before the points stay; all ones stand for none.
            guard offset >= UInt64(old.rest.lowerBound), offset <= UInt64(old.rest.upperBound)
            else { continue }
            span.put(offset &+ UInt64(bitPattern: Int64(shift)), at: at)
        }
        guard COPCIndex.isPresent(in: header) else { return Copy(bytes: bytes) }
        let index = COPCIndex(of: las, old, copied: chunks, shift: shift)
        // Moved in a copy: an index that turns out not to match leaves nothing half changed.
        var indexed = bytes
        if index.move(in: &indexed) { return Copy(bytes: indexed, isIndexed: true) }
        index.remove(from: &bytes)
        return Copy(bytes: bytes)
    }

    /// Places in the header and the records that hold offsets of bytes behind the points: waveforms,
    /// extended records, and the extended records of the compressor.
    private static func offsets(in header: LASHeader) -> [Int] {
        var places: [Int] = []
        if header.minorVersion >= 3 { places.append(227) }
        if header.minorVersion >= 4 { places.append(235) }
        for record in header.records
        where record.user == LAZLayout.user && record.number == LAZLayout.number
            && !record.isExtended && record.range.count >= 32
        {
            places.append(record.range.lowerBound + 24)
        }
        return places
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
