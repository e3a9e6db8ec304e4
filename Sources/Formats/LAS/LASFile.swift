import ZipArchives

/// A LAS or LAZ file.
package struct LASFile: Sendable {
    let file: InputFile
    let header: LASHeader
    package let fields: [RecordField]
    /// Layout of the compressed points; nil for a LAS file.
    let layout: LAZLayout?
    /// Chunks of the compressed points; nil for a LAS file and for a file without points.
    let chunks: LAZChunkTable?

    /// Opens a file and reads its header and records, but no points.
    package init(_ path: String) throws {
        file = try InputFile(path)
        header = try LASHeader(file)
        var fields = header.format.fields(scale: header.scale, offset: header.offset)
        if let record = header.records.first(where: {
            $0.user == LASExtraBytes.user && $0.number == LASExtraBytes.number
        }) {
            fields += try LASExtraBytes.fields(
                file.bytes(record.range), of: file, at: record.range.lowerBound,
                from: header.format.size, recordLength: header.recordLength,
                besides: fields.map(\.name))
        }
        self.fields = fields
        guard header.isCompressed else {
            (layout, chunks) = (nil, nil)
            let needed = header.count * header.recordLength
            guard needed <= file.size - header.pointOffset else {
                let found = (file.size - header.pointOffset) / header.recordLength
                throw file.damaged(
                    at: header.pointOffset + found * header.recordLength,
                    "declares \(header.count) points and ends after \(found)")
            }
            return
        }
        guard
            let record = header.records.first(where: {
                $0.user == LAZLayout.user && $0.number == LAZLayout.number
            })
        else {
            throw file.damaged(
                at: header.size, "is compressed, but lacks the record '\(LAZLayout.user)'")
        }
        let layout = try LAZLayout(
            file.bytes(record.range), at: record.range.lowerBound, of: file,
            recordLength: header.recordLength)
        guard layout.isLayered == header.format.isExtended else {
            throw file.damaged(
                at: record.range.lowerBound,
                "compresses points of format \(header.format.number) with items of another format")
        }
        self.layout = layout
        let allowed = max(Self.alwaysAllowed, file.size.multipliedClamped(by: Self.largestRatio))
        guard header.count * header.recordLength <= allowed else {
            throw file.damaged(
                at: 107,
                "declares \(header.count) points of \(header.recordLength) bytes in "
                    + "\(file.size) compressed bytes, more than \(Self.largestRatio) times as much",
                advice: "decompress it with LASzip or laspy if it is sound")
        }
        guard header.count > 0 else {
            chunks = nil
            return
        }
        chunks = try LAZChunkTable(
            of: file, at: header.pointOffset, layout: layout, count: header.count,
            recordLength: header.recordLength,
            following: [header.extendedOffset, header.waveformOffset])
    }

    // Points compress to less than a hundredth only if hardly anything in them changes. The limit
    // keeps a small file from taking the memory of a large one.
    private static let largestRatio = 1000
    private static let alwaysAllowed = 1 << 30

    /// Reads all points.
    package func points() throws -> RecordTable { try points(0..<header.count) }

    /// Reads a range of points; of a compressed file only the chunks that contain them are read.
    package func points(_ rows: Range<Int>) throws -> RecordTable {
        let length = header.recordLength
        guard layout != nil, let chunks else {
            let start = header.pointOffset + rows.lowerBound * length
            let bytes = try file.bytes(start..<start + rows.count * length)
            return table(bytes, start: 0, rows.count, .byte(start))
        }
        var bytes: [UInt8] = []
        var first = rows.lowerBound
        for chunk in chunks.points.indices
        where chunks.firstPoints[chunk] < rows.upperBound
            && chunks.firstPoints[chunk + 1] > rows.lowerBound
        {
            if bytes.isEmpty { first = chunks.firstPoints[chunk] }
            bytes += try records(ofChunk: chunk)
        }
        return table(
            bytes, start: (rows.lowerBound - first) * length, rows.count,
            .point(rows.lowerBound))
    }

    /// Reads the bytes of all points as an uncompressed file stores them.
    package func pointBytes() throws -> [UInt8] {
        let table = try points()
        return Array(table.bytes[table.start..<table.start + table.count * table.stride])
    }

    /// Decompresses the points of a chunk.
    func records(ofChunk chunk: Int) throws -> [UInt8] {
        guard let layout, let chunks, chunks.points[chunk] > 0 else { return [] }
        let range = chunks.starts[chunk]..<chunks.starts[chunk + 1]
        guard
            let records = LAZCodec.decode(
                try file.bytes(range), points: chunks.points[chunk],
                recordLength: header.recordLength, layout)
        else {
            throw file.damaged(
                at: range.lowerBound,
                "has a chunk of \(chunks.points[chunk]) points that cannot be decompressed")
        }
        return records
    }

    private func table(
        _ bytes: [UInt8], start: Int, _ count: Int, _ location: RecordTable.Location
    ) -> RecordTable {
        RecordTable(
            file: file.path, bytes: bytes, start: start, stride: header.recordLength, count: count,
            fields: fields, location: location)
    }
}

extension Int {
    /// The product, or the largest integer if it overflows.
    fileprivate func multipliedClamped(by factor: Int) -> Int {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? .max : product
    }
}
