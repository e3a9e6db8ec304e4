import Archives

/// A LAS or LAZ file: its points, all or some of them.
package struct LASFile: Sendable {
    let file: InputFile
    let header: LASHeader
    package let fields: [RecordField]
    /// How the points are packed; nil if they are not.
    let layout: LAZLayout?
    /// Where the packed points stand; nil if they are not packed, or there are none.
    let chunks: LAZChunkTable?

    /// Opens a file: reads its header and records, and no point.
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
        guard header.isPacked else {
            (layout, chunks) = (nil, nil)
            let needed = header.count * header.recordLength
            guard needed <= file.size - header.pointOffset else {
                let there = (file.size - header.pointOffset) / header.recordLength
                throw file.damaged(
                    at: header.pointOffset + there * header.recordLength,
                    "declares \(header.count) points and ends after \(there)")
            }
            return
        }
        guard
            let record = header.records.first(where: {
                $0.user == LAZLayout.user && $0.number == LAZLayout.number
            })
        else {
            throw file.damaged(at: header.size, "is packed, but does not say how")
        }
        let layout = try LAZLayout(
            file.bytes(record.range), at: record.range.lowerBound, of: file,
            recordLength: header.recordLength)
        guard layout.isLayered == header.format.isExtended else {
            throw file.damaged(
                at: record.range.lowerBound,
                "packs points of format \(header.format.number) as another format's")
        }
        self.layout = layout
        guard header.count > 0 else {
            chunks = nil
            return
        }
        chunks = try LAZChunkTable(
            of: file, at: header.pointOffset, layout: layout, count: header.count,
            recordLength: header.recordLength)
    }

    /// All points.
    package func points() throws -> RecordTable { try points(0..<header.count) }

    /// Some of the points, of which no others are read than those of the same chunks.
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

    /// All points' bytes as an unpacked file has them.
    package func pointBytes() throws -> [UInt8] {
        let table = try points()
        return Array(table.bytes[table.start..<table.start + table.count * table.stride])
    }

    /// The unpacked points of a chunk.
    func records(ofChunk chunk: Int) throws -> [UInt8] {
        guard let layout, let chunks else { return [] }
        let place = chunks.starts[chunk]..<chunks.starts[chunk + 1]
        guard
            let records = LAZCodec.unpack(
                try file.bytes(place), points: chunks.points[chunk],
                recordLength: header.recordLength, layout)
        else {
            throw file.damaged(
                at: place.lowerBound,
                "has a chunk of \(chunks.points[chunk]) points that cannot be unpacked")
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
