import ZipArchives

/// Writes copies of PLY files with other labels.
package enum PLYWriter {
    /// Copies a file, replaces the label of each point and keeps every other byte.
    ///
    /// If no property has a known name of labels, a property `label` is appended. The copy is written
    /// atomically.
    ///
    /// - Parameter field: name of the files' labels, if it is not a known one.
    package static func write(
        classes: [Int], like original: String, field: String?, to path: String
    ) throws {
        let ply = try PLYFile(original)
        let (table, range, _) = try ply.points()
        guard classes.count == table.count else {
            throw SourceError(
                "\(classes.count) classes cannot be written for the \(table.count) points of "
                    + "\(original): give one class per point.")
        }
        let names = field.map { [$0] } ?? FieldNames.label
        let known = names.lazy.compactMap { name in
            // An exact match wins, as in reading: a file can have both `Label` and `label`.
            table.fields.firstIndex { $0.name == name }
                ?? table.fields.firstIndex { $0.name.lowercased() == name.lowercased() }
        }.first
        let type = known.map { table.fields[$0].type } ?? .int32
        let bits = try type.bits(ofClasses: classes, of: original)
        let bytes = try ply.file.all()
        var written = Array(bytes[..<ply.header.dataOffset])
        if known == nil {
            let end = ply.header.elements[ply.header.points].end
            // Readers such as plyfile demand one kind of line end in the whole header.
            let isReturn = written[end - 1] == 0x0D
            let isBoth = written[end - 1] == 0x0A && written[end - 2] == 0x0D
            let lineEnd = isReturn ? "\r" : isBoth ? "\r\n" : "\n"
            written.insert(contentsOf: Array("property int label\(lineEnd)".utf8), at: end)
        }
        written += bytes[ply.header.dataOffset..<range.lowerBound]
        if ply.header.encoding == .ascii {
            written += TextRows.numbered(bytes[range], classes, column: known)
        } else {
            written += records(table, bits, field: known.map { table.fields[$0] }, of: ply)
        }
        written += bytes[range.upperBound...]
        try DataFile.write(written, to: path)
    }

    private static func records(
        _ table: RecordTable, _ bits: [UInt64], field: RecordField?, of ply: PLYFile
    ) -> [UInt8] {
        var written: [UInt8] = []
        written.reserveCapacity(table.count * (table.stride + 4))
        for row in 0..<table.count {
            let start = table.start + row * table.stride
            var record = Array(table.bytes[start..<start + table.stride])
            let (size, offset) = (field?.type.size ?? 4, field?.offset ?? record.count)
            if field == nil { record += [0, 0, 0, 0] }
            for byte in 0..<size {
                let index = ply.header.encoding == .bigEndian ? size - 1 - byte : byte
                record[offset + index] = UInt8(truncatingIfNeeded: bits[row] >> UInt64(8 * byte))
            }
            written += record
        }
        return written
    }
}
