import ZipArchives

/// A PCD file: text, binary, or compressed with LZF.
package struct PCDFile: Sendable {
    let file: InputFile
    let header: PCDHeader

    /// Opens a file and reads its header.
    package init(_ path: String) throws {
        file = try InputFile(path)
        header = try PCDHeader(file)
    }

    /// Names of a point's fields.
    package var names: [String] { fields.map(\.name) }

    /// Reads all points.
    package func points() throws -> RecordTable {
        let size = header.size
        let (needed, overflow) = header.count.multipliedReportingOverflow(by: size)
        let left = file.size - header.dataOffset
        switch header.encoding {
        case .ascii: return try text()
        case .binary:
            guard !overflow, needed <= left else {
                let found = left / size
                throw file.damaged(
                    at: header.dataOffset + found * size,
                    "declares \(header.count) points and ends after \(found)")
            }
            let bytes = try file.bytes(header.dataOffset..<header.dataOffset + needed)
            return table(bytes, .byte(header.dataOffset))
        case .compressed:
            return table(records(of: try decompressed().fields), .point(0))
        }
    }

    /// Decompresses the points: one field of all points after the other, and the offset after the
    /// compressed bytes.
    func decompressed() throws -> (fields: [UInt8], end: Int) {
        let (needed, overflow) = header.count.multipliedReportingOverflow(by: header.size)
        let start = header.dataOffset + 8
        // Writers leave out the sizes of no points, or write them.
        if header.count == 0, file.size < start { return ([], file.size) }
        var cursor = ByteCursor(
            try file.bytes(header.dataOffset..<min(start, file.size)), of: file,
            at: header.dataOffset)
        let compressedSize = Int(try cursor.integer("the compressed size") as UInt32)
        let size = Int(try cursor.integer("the uncompressed size") as UInt32)
        guard !overflow, size == needed, LZF.canExpand(compressedSize, to: size) else {
            throw file.damaged(
                at: header.dataOffset,
                "declares \(size) bytes compressed to \(compressedSize), but has \(header.count) "
                    + "points of \(header.size) bytes")
        }
        guard compressedSize <= file.size - start else {
            throw file.damaged(
                at: file.size,
                "declares \(compressedSize) compressed bytes and has \(file.size - start)")
        }
        let bytes = try file.bytes(start..<start + compressedSize)
        guard let fields = LZF.decompress(bytes.span, to: size) else {
            throw file.damaged(at: start, "has points that cannot be decompressed")
        }
        return (fields, start + compressedSize)
    }

    private func table(
        _ bytes: [UInt8], _ location: RecordTable.Location, flaws: [String: SourceError] = [:]
    ) -> RecordTable {
        RecordTable(
            file: file.path, bytes: bytes, stride: header.size, count: header.count,
            fields: fields, location: location, flaws: flaws)
    }

    /// Fields of a point; a colour packed into four bytes becomes three fields.
    private var fields: [RecordField] {
        var offset = 0
        return header.fields.flatMap { field -> [RecordField] in
            defer { offset += field.size }
            // PCL names padding fields with an underscore.
            guard !field.name.hasPrefix("_") else { return [] }
            // PCL stores colours as the bytes blue, green and red of a Float32 or an integer.
            if ["rgb", "rgba"].contains(field.name), field.size == 4, field.count == 1 {
                return ["blue", "green", "red"].enumerated().map {
                    RecordField(name: $1, type: .uint8, offset: offset + $0)
                }
            }
            return (0..<field.count).map { copy in
                RecordField(
                    name: Self.name(of: field, copy), type: field.type,
                    offset: offset + copy * field.type.size)
            }
        }
    }

    private static func name(of field: PCDHeader.Field, _ copy: Int) -> String {
        field.count == 1 ? field.name : "\(field.name)[\(copy)]"
    }

    private func text() throws -> RecordTable {
        let columns = header.fields.flatMap { field in
            (0..<field.count).map { copy in
                TextColumn(name: Self.name(of: field, copy), type: field.type)
            }
        }
        var scanner = NumberScanner(
            try file.bytes(header.dataOffset..<file.size), of: file, at: header.dataOffset,
            line: header.firstLine)
        var records = try scanner.records(header.count, of: columns, what: "points")
        // A packed colour is read as three fields of other names.
        for name in ["rgb", "rgba"] {
            guard let flaw = records.flaws[name] else { continue }
            for colour in ["red", "green", "blue"] { records.flaws[colour] = flaw }
        }
        return table(records.bytes, .line(header.firstLine), flaws: records.flaws)
    }

    /// Rearranges fields that are stored one after the other, each for all points, into records.
    private func records(of fields: [UInt8]) -> [UInt8] {
        var records = [UInt8](repeating: 0, count: fields.count)
        var source = 0
        var offset = 0
        for field in header.fields {
            for point in 0..<header.count {
                for byte in 0..<field.size {
                    records[point * header.size + offset + byte] = fields[source]
                    source += 1
                }
            }
            offset += field.size
        }
        return records
    }
}
