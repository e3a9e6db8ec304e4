import ZipArchives

/// Writes copies of PCD files with other labels.
package enum PCDWriter {
    /// Copies a file, replaces the label of each point and keeps every other byte.
    ///
    /// If no field has a known name of labels, a field `label` is appended. Compressed points are
    /// compressed again. The copy is written atomically.
    ///
    /// - Parameter field: name of the files' labels, if it is not a known one.
    package static func write(
        classes: [Int], like original: String, field: String?, to path: String
    ) throws {
        let pcd = try PCDFile(original)
        let header = pcd.header
        // Reading all points first reports damage before anything is written.
        _ = try pcd.points()
        guard classes.count == header.count else {
            throw SourceError(
                "\(classes.count) classes cannot be written for the \(header.count) points of "
                    + "\(original): give one class per point.")
        }
        let known = index(of: field.map { [$0] } ?? FieldNames.label, in: header)
        let type = known.map { header.fields[$0].type } ?? .uint32
        let bits = try type.bits(ofClasses: classes, of: original)
        let bytes = try pcd.file.all()
        var written = Array(bytes[..<header.dataOffset])
        if known == nil { written = labelled(written, header) }
        let labels = Labels(
            bits: bits, size: type.size, offset: known.map { offset(of: $0, in: header) })
        switch header.encoding {
        case .ascii:
            let column = known.map { header.fields[..<$0].reduce(0) { $0 + $1.count } }
            written += TextRows.numbered(bytes[header.dataOffset...], classes, column: column)
        case .binary:
            let end = header.dataOffset + header.count * header.size
            written += labels.inRecords(
                of: header.size, Array(bytes[header.dataOffset..<end]))
            written += bytes[end...]
        case .compressed:
            let (fields, end) = try pcd.decompressed()
            let changed = labels.inFields(fields)
            let compressed = LZF.compress(changed)
            written.append(word: UInt32(compressed.count))
            written.append(word: UInt32(changed.count))
            written += compressed + bytes[end...]
        }
        try DataFile.write(written, to: path)
    }

    /// Index of the field of labels: a field of one number with one of the names.
    private static func index(of names: [String], in header: PCDHeader) -> Int? {
        names.lazy.compactMap { name in
            // An exact match wins, as in reading: a file can have both `Label` and `label`.
            header.fields.firstIndex { $0.count == 1 && $0.name == name }
                ?? header.fields.firstIndex {
                    $0.count == 1 && $0.name.lowercased() == name.lowercased()
                }
        }.first
    }

    private static func offset(of field: Int, in header: PCDHeader) -> Int {
        header.fields[..<field].reduce(0) { $0 + $1.size }
    }

    /// Adds the field `label` to a header.
    private static func labelled(_ bytes: [UInt8], _ header: PCDHeader) -> [UInt8] {
        var more = [
            "FIELDS": " label", "COLUMNS": " label", "SIZE": " 4", "TYPE": " U", "COUNT": " 1",
        ]
        // Lines that a header leaves out would now describe the label wrongly, as a Float32. The
        // type follows the size, as readers expect.
        let types =
            header.lacksTypes
            ? "\nTYPE" + String(repeating: " F", count: header.fields.count) + " U" : ""
        let sizes = String(repeating: " 4", count: header.fields.count + 1)
        for key in header.lacksSizes ? ["FIELDS", "COLUMNS"] : ["SIZE"] {
            more[key, default: ""] += (header.lacksSizes ? "\nSIZE" + sizes : "") + types
        }
        let lines = bytes[...].split(separator: 0x0A, omittingEmptySubsequences: false)
        let changed = lines.map { line -> [UInt8] in
            let words = line.split { $0 <= 0x20 }
            let key = String(decoding: words.first ?? [], as: UTF8.self)
            return more[key].map { TextRows.appending(Array($0.utf8), to: line) } ?? Array(line)
        }
        return Array(changed.joined(separator: [0x0A] as [UInt8]))
    }

    /// Labels to write and their field.
    private struct Labels {
        let bits: [UInt64]
        let size: Int
        /// Offset of the field in a record; nil to append it.
        let offset: Int?

        /// Writes the labels into records of `stride` bytes.
        func inRecords(of stride: Int, _ bytes: [UInt8]) -> [UInt8] {
            var written: [UInt8] = []
            written.reserveCapacity(bits.count * (stride + size))
            for (row, bits) in bits.enumerated() {
                var record = Array(bytes[row * stride..<(row + 1) * stride])
                let start = offset ?? record.count
                if offset == nil { record += [UInt8](repeating: 0, count: size) }
                put(bits, into: &record, at: start)
                written += record
            }
            return written
        }

        /// Writes the labels into fields that are stored one after the other, each for all points.
        func inFields(_ bytes: [UInt8]) -> [UInt8] {
            var written = bytes
            let begin = offset.map { $0 * bits.count } ?? written.count
            if offset == nil { written += [UInt8](repeating: 0, count: size * bits.count) }
            for (row, bits) in bits.enumerated() {
                put(bits, into: &written, at: begin + row * size)
            }
            return written
        }

        private func put(_ bits: UInt64, into bytes: inout [UInt8], at start: Int) {
            for byte in 0..<size {
                bytes[start + byte] = UInt8(truncatingIfNeeded: bits >> UInt64(8 * byte))
            }
        }
    }
}
