import ZipArchives

/// Reads arrays of NumPy with one row per point.
package enum NumPyArray {
    // Bounds the number of fields that a header of a few bytes can declare.
    private static let largestWidth = 4096

    /// Reads a `.npy` file.
    ///
    /// - Parameter name: name of a single column; several columns are named `name[0]`, `name[1]` and
    ///   so on, and those of a structured array have their own names.
    package static func read(_ path: String, name: String) throws -> RecordTable {
        let file = try InputFile(path)
        return try strict(file, at: 0) {
            try table(try file.all(), of: file, name: name, location: .byte(0))
        }
    }

    /// Reads a `.npy` file; nil if its contents are not numbers with a row per point.
    package static func readIfNumbers(_ path: String, name: String) throws -> RecordTable? {
        let file = try InputFile(path)
        return try lenient { try table(try file.all(), of: file, name: name, location: .byte(0)) }
    }

    /// The names of an array's columns, and the number of its rows.
    package struct Columns: Sendable {
        package let names: [String]
        package let rows: Int
    }

    /// Reads the columns of a `.npy` file from its header.
    package static func columns(_ path: String, name: String) throws -> Columns {
        let file = try InputFile(path)
        return try strict(file, at: 0) { try columns(of: file, name: name) }
    }

    /// Reads the columns of a `.npy` file from its header; nil if its contents are not numbers with
    /// a row per point.
    package static func columnsIfNumbers(_ path: String, name: String) throws -> Columns? {
        let file = try InputFile(path)
        return try lenient { try columns(of: file, name: name) }
    }

    private static func columns(of file: InputFile, name: String) throws -> Columns {
        let header = try NumPyHeader(
            file.bytes(0..<min(file.size, NumPyHeader.longest)), of: file, at: 0)
        let (fields, _) = try fields(of: header, in: file, at: 0, name: name)
        return Columns(names: fields.map(\.name), rows: header.shape[0])
    }

    /// Reads arrays of a `.npz` archive.
    ///
    /// - Parameters:
    ///   - isWanted: whether to read the array of a name.
    ///   - isNeeded: whether an array whose contents are not numbers with a row per point is an
    ///     error; otherwise it is left out.
    package static func readArchive(
        _ path: String, where isWanted: (String) -> Bool,
        isNeeded: (String) -> Bool = { _ in true }
    ) throws -> [(name: String, table: RecordTable)] {
        let archive = try ZipArchive(path)
        return try archive.entries.compactMap { entry in
            let name = String(entry.name.dropLast(4))
            guard entry.name.hasSuffix(".npy"), isWanted(name) else { return nil }
            func read() throws -> RecordTable {
                try Self.table(
                    try archive.contents(of: entry), of: archive.file, name: name,
                    location: archive.location(of: entry))
            }
            guard isNeeded(name) else { return try lenient(read).map { (name, $0) } }
            return (name, try strict(archive.file, at: entry.dataOffset, read))
        }
    }

    /// Turns contents that are not numbers into an error of the file.
    private static func strict<Value>(
        _ file: InputFile, at offset: Int, _ body: () throws -> Value
    ) throws -> Value {
        do {
            return try body()
        } catch let foreign as NumPyHeader.Foreign {
            throw file.damaged(at: offset, foreign.reason, advice: foreign.advice)
        }
    }

    private static func lenient<Value>(_ body: () throws -> Value) throws -> Value? {
        do { return try body() } catch is NumPyHeader.Foreign { return nil }
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

    /// Describes the columns of an array and the distance between its rows in bytes.
    private static func fields(
        of header: NumPyHeader, in file: InputFile, at base: Int, name: String
    ) throws -> (fields: [RecordField], stride: Int) {
        guard (1...2).contains(header.shape.count) else {
            throw NumPyHeader.Foreign(
                reason: "has an array '\(name)' of \(header.shape.count) dimensions",
                advice: "save an array with one row per point")
        }
        let (width, size) = (header.width, header.itemSize)
        guard width <= largestWidth, width > 0 else {
            throw NumPyHeader.Foreign(
                reason: "has \(width) values per point in '\(name)'",
                advice: "save an array with one row per point")
        }
        guard header.fields[0].name.isEmpty else {
            guard width == 1 else {
                throw NumPyHeader.Foreign(
                    reason: "has a two-dimensional array of structures in '\(name)'",
                    advice: "save an array with one row per point")
            }
            return (header.fields, size)
        }
        // In column-major order the numbers of a row are one column apart, so each column becomes a
        // field with its own offset and the records overlap: nothing is transposed.
        let (step, overflow) =
            header.isColumnMajor
            ? header.shape[0].multipliedReportingOverflow(by: size) : (size, false)
        guard !overflow, step <= Int.max / largestWidth else {
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
    /// Location of an entry's records: a deflated entry has no bytes to point at.
    fileprivate func location(of entry: Entry) -> RecordTable.Location {
        entry.isDeflated ? .point(0) : .byte(entry.dataOffset)
    }
}
