import ZipArchives

/// A PLY file; elements other than points are skipped.
package struct PLYFile: Sendable {
    let file: InputFile
    let header: PLYHeader

    /// Opens a file and reads its header.
    package init(_ path: String) throws {
        file = try InputFile(path)
        header = try PLYHeader(file)
    }

    /// Names of a point's properties.
    package var names: [String] { header.elements[header.points].properties.map(\.name) }

    /// Reads the points, and their range of bytes and first line in the file.
    // The elements behind the points are skipped, too: a truncated file is reported even if its points
    // are complete.
    package func points() throws -> (table: RecordTable, range: Range<Int>, line: Int) {
        let bytes = try file.all()
        let element = header.elements[header.points]
        guard header.encoding == .ascii else {
            let start = try skip(
                header.elements[..<header.points], in: bytes, from: header.dataOffset)
            let end = try skip([element], in: bytes, from: start)
            _ = try skip(
                header.elements[(header.points + 1)...], in: bytes, from: end, isLast: true)
            let table = RecordTable(
                file: file.path, bytes: bytes, start: start, stride: element.size ?? 0,
                count: element.count, fields: fields, location: .byte(0))
            return (table, start..<end, 0)
        }
        var scanner = NumberScanner(
            Array(bytes[header.dataOffset...]), of: file, at: header.dataOffset,
            line: header.firstLine)
        try skip(header.elements[..<header.points], with: &scanner)
        let (start, line) = (scanner.offset, scanner.line)
        let records = try scanner.records(
            element.count, of: fields.map { TextColumn(name: $0.name, type: $0.type) },
            what: "of '\(element.name)'")
        let end = scanner.offset
        try skip(header.elements[(header.points + 1)...], with: &scanner)
        let table = RecordTable(
            file: file.path, bytes: records.bytes, stride: element.size ?? 0,
            count: element.count, fields: fields, location: .line(line), flaws: records.flaws)
        return (table, start..<end, line)
    }

    private var fields: [RecordField] {
        var offset = 0
        return header.elements[header.points].properties.map { property in
            defer { offset += property.type.size }
            return RecordField(
                name: property.name, type: property.type, offset: offset,
                isBigEndian: header.encoding == .bigEndian)
        }
    }

    // MARK: - Binary

    /// Skips elements and returns the offset after them; throws if the file ends inside one.
    private func skip(
        _ elements: ArraySlice<PLYHeader.Element>, in bytes: [UInt8], from start: Int,
        isLast: Bool = false
    ) throws -> Int {
        var at = start
        for element in elements {
            if let size = element.size {
                let (needed, overflow) = element.count.multipliedReportingOverflow(by: size)
                guard !overflow, needed <= bytes.count - at else {
                    let found = size == 0 ? 0 : (bytes.count - at) / size
                    throw file.damaged(
                        at: at + found * size,
                        "declares \(element.count) of '\(element.name)' and ends after \(found)")
                }
                at += needed
            } else {
                at = try skipLists(of: element, in: bytes, from: at)
            }
        }
        guard !isLast || at == bytes.count else {
            throw file.damaged(at: at, "has \(bytes.count - at) bytes after its last element")
        }
        return at
    }

    /// Skips an element whose size depends on its lists, property by property.
    private func skipLists(
        of element: PLYHeader.Element, in bytes: [UInt8], from start: Int
    ) throws -> Int {
        let span = bytes.span
        var at = start
        for index in 0..<element.count {
            for property in element.properties {
                var needed = property.type.size
                if let type = property.countType {
                    guard type.size <= bytes.count - at else {
                        throw endsInside(element, index, at)
                    }
                    let bits =
                        header.encoding == .bigEndian
                        ? bigEndianBits(span, at: at, size: type.size)
                        : littleEndianBits(span, at: at, size: type.size)
                    let count = type.number(of: bits)
                    at += type.size
                    guard count >= 0, count <= Double((bytes.count - at) / needed) else {
                        throw endsInside(element, index, at)
                    }
                    needed *= Int(count)
                }
                guard needed <= bytes.count - at else { throw endsInside(element, index, at) }
                at += needed
            }
        }
        return at
    }

    private func endsInside(
        _ element: PLYHeader.Element, _ index: Int, _ offset: Int
    ) -> SourceError {
        file.damaged(at: offset, "ends inside number \(index) of '\(element.name)'")
    }

    // MARK: - Text

    /// Skips the lines of elements.
    private func skip(
        _ elements: ArraySlice<PLYHeader.Element>, with scanner: inout NumberScanner
    ) throws {
        var numbers: [Double] = []
        for element in elements {
            for index in 0..<element.count {
                guard try scanner.nextLine(into: &numbers) else {
                    throw endsInside(element, index, scanner.offset)
                }
            }
        }
    }
}
