import Archives

/// A PCD file's points: text, binary, or packed with LZF.
package struct PCDFile: Sendable {
    let file: InputFile
    let header: PCDHeader

    /// Opens a file: reads its header.
    package init(_ path: String) throws {
        file = try InputFile(path)
        header = try PCDHeader(file)
    }

    /// The fields of a point.
    package var names: [String] { fields.map(\.name) }

    /// All points.
    package func points() throws -> RecordTable {
        let size = header.size
        let (needed, overflow) = header.count.multipliedReportingOverflow(by: size)
        let left = file.size - header.dataOffset
        switch header.encoding {
        case .ascii: return try text()
        case .binary:
            guard !overflow, needed <= left else {
                let there = left / size
                throw file.damaged(
                    at: header.dataOffset + there * size,
                    "declares \(header.count) points and ends after \(there)")
            }
            let bytes = try file.bytes(header.dataOffset..<header.dataOffset + needed)
            return table(bytes, .byte(header.dataOffset))
        case .compressed:
            return table(records(of: try unpacked().fields), .point(0))
        }
    }

    /// What a packed file unpacks to: each field of all points, one behind the other; and where the
    /// packed bytes end.
    func unpacked() throws -> (fields: [UInt8], end: Int) {
        let (needed, overflow) = header.count.multipliedReportingOverflow(by: header.size)
        let start = header.dataOffset + 8
        var cursor = ByteCursor(
            try file.bytes(header.dataOffset..<min(start, file.size)), of: file,
            at: header.dataOffset)
        let packed = Int(try cursor.integer("the packed size") as UInt32)
        let unpacked = Int(try cursor.integer("the unpacked size") as UInt32)
        guard !overflow, unpacked == needed,
            LZF.isPossible(packed: packed, unpacked: unpacked)
        else {
            throw file.damaged(
                at: header.dataOffset,
                "packs \(unpacked) bytes into \(packed), but has \(header.count) points of "
                    + "\(header.size) bytes")
        }
        guard packed <= file.size - start else {
            throw file.damaged(
                at: file.size, "declares \(packed) packed bytes and has \(file.size - start)")
        }
        let bytes = try file.bytes(start..<start + packed)
        guard let fields = LZF.unpack(bytes.span, to: unpacked) else {
            throw file.damaged(at: start, "has points that cannot be unpacked")
        }
        return (fields, start + packed)
    }

    private func table(_ bytes: [UInt8], _ location: RecordTable.Location) -> RecordTable {
        RecordTable(
            file: file.path, bytes: bytes, stride: header.size, count: header.count,
            fields: fields, location: location)
    }

    /// The numbers of a point; a colour packed into four bytes becomes three numbers.
    private var fields: [RecordField] {
        var offset = 0
        return header.fields.flatMap { field -> [RecordField] in
            defer { offset += field.size }
            // PCL fills gaps with fields called so.
            guard !field.name.hasPrefix("_") else { return [] }
            if ["rgb", "rgba"].contains(field.name), field.size == 4, field.count == 1 {
                return ["blue", "green", "red"].enumerated().map {
                    RecordField(name: $1, type: .uint8, offset: offset + $0)
                }
            }
            return (0..<field.count).map { copy in
                RecordField(
                    name: field.count == 1 ? field.name : "\(field.name)[\(copy)]",
                    type: field.type, offset: offset + copy * field.type.size)
            }
        }
    }

    private func text() throws -> RecordTable {
        let columns = header.fields.flatMap { field in
            Array(repeating: TextColumn(name: field.name, type: field.type), count: field.count)
        }
        var scanner = NumberScanner(
            try file.bytes(header.dataOffset..<file.size), of: file, at: header.dataOffset,
            line: header.firstLine)
        return table(
            try scanner.records(header.count, of: columns, what: "points"),
            .line(header.firstLine))
    }

    /// Records of fields that stand one behind the other, each for all points.
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
