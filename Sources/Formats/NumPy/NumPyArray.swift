import Archives

/// Arrays as NumPy saves them: a row a point.
package enum NumPyArray {
    /// How many columns a row may have.
    private static let widest = 4096

    /// The array of a `.npy` file.
    ///
    /// - Parameter name: what its columns are called: a single one `name`, several `name[0]`,
    ///   `name[1]` …; those of a structured array by their own names.
    package static func read(_ path: String, name: String) throws -> RecordTable {
        let file = try InputFile(path)
        return try table(try file.all(), of: file, name: name, location: .byte(0))
    }

    /// The names that the columns of a `.npy` file will have; reads its header only.
    package static func columnNames(_ path: String, name: String) throws -> [String] {
        let file = try InputFile(path)
        let header = try NumPyHeader(
            file.bytes(0..<min(file.size, NumPyHeader.longest)), of: file, at: 0)
        let (fields, _) = try fields(of: header, in: file, at: 0, name: name)
        return fields.map(\.name)
    }

    /// The arrays of a `.npz` archive.
    ///
    /// - Parameter isWanted: whether an array is to be read, by its name.
    package static func readArchive(
        _ path: String, where isWanted: (String) -> Bool
    ) throws -> [RecordTable] {
        let archive = try ZipArchive(path)
        return try archive.entries.compactMap { entry in
            let name = String(entry.name.dropLast(4))
            guard entry.name.hasSuffix(".npy"), isWanted(name) else { return nil }
            let bytes = try archive.contents(of: entry)
            return try table(
                bytes, of: archive.file, name: name, location: archive.location(of: entry))
        }
    }

    private static func table(
        _ bytes: [UInt8], of file: InputFile, name: String, location: RecordTable.Location
    ) throws -> RecordTable {
        var base = 0
        if case .byte(let first) = location { base = first }
        let header = try NumPyHeader(bytes, of: file, at: base)
        let (fields, stride) = try fields(of: header, in: file, at: base, name: name)
        let rows = header.shape[0]
        let width = header.width
        let start = header.dataOffset - base
        let (items, overflow) = rows.multipliedReportingOverflow(by: width)
        let (needed, overflows) = items.multipliedReportingOverflow(by: header.itemSize)
        guard !overflow, !overflows, needed == bytes.count - start else {
            throw file.damaged(
                at: header.dataOffset,
                "declares \(rows) rows of \(width) values of \(header.itemSize) bytes in '\(name)', "
                    + "but has \(bytes.count - start) bytes")
        }
        return RecordTable(
            file: file.path, bytes: bytes, start: start, stride: stride, count: rows,
            fields: fields, location: location)
    }

    /// The columns of an array and how many bytes lie between its rows.
    private static func fields(
        of header: NumPyHeader, in file: InputFile, at base: Int, name: String
    ) throws -> (fields: [RecordField], stride: Int) {
        guard (1...2).contains(header.shape.count) else {
            throw file.damaged(
                at: base, "holds an array '\(name)' of \(header.shape.count) dimensions",
                advice: "save an array with a row a point")
        }
        let (width, size) = (header.width, header.itemSize)
        guard width <= widest, width > 0 else {
            throw file.damaged(at: base, "holds \(width) values a point in '\(name)'")
        }
        guard header.fields[0].name.isEmpty else {
            guard width == 1 else {
                throw file.damaged(at: base, "holds a table of structures in '\(name)'")
            }
            return (header.fields, size)
        }
        // Of an array of columns one after the other, a row's numbers stand a column apart.
        let (step, overflow) =
            header.isColumnMajor
            ? header.shape[0].multipliedReportingOverflow(by: size) : (size, false)
        guard !overflow, step <= Int.max / widest else {
            throw file.damaged(at: base, "declares \(header.shape[0]) rows in '\(name)'")
        }
        let fields = (0..<width).map { column in
            var field = header.fields[0]
            field.name = width == 1 ? name : "\(name)[\(column)]"
            field.offset = column * step
            return field
        }
        return (fields, header.isColumnMajor ? size : size * width)
    }
}

extension ZipArchive {
    /// How a sentence says where in the entry something stands.
    fileprivate func location(of entry: Entry) -> RecordTable.Location {
        entry.isDeflated ? .point(0) : .byte(entry.dataOffset)
    }
}
