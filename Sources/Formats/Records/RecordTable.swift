package import ZipArchives

/// A named number of every record: its type and its offset in the record.
package struct RecordField: Sendable, Equatable {
    package var name: String
    package var type: ScalarType
    /// Offset from the beginning of the record in bytes.
    package var offset: Int
    package var isBigEndian = false
    /// The bits of the number, where several numbers share a byte.
    package var bits: Range<Int>?
    /// Factor of the stored number: the field's value is `stored * scale + shift`.
    package var scale = 1.0
    package var shift = 0.0

    /// Creates a field, by default of unscaled little-endian numbers.
    package init(
        name: String, type: ScalarType, offset: Int, isBigEndian: Bool = false,
        bits: Range<Int>? = nil, scale: Double = 1, shift: Double = 0
    ) {
        self.name = name
        self.type = type
        self.offset = offset
        self.isBigEndian = isBigEndian
        self.bits = bits
        self.scale = scale
        self.shift = shift
    }
}

/// Points as files store them: records of one length with named numbers at fixed offsets.
///
/// Readers of binary formats keep the file's bytes; readers of text formats produce such records.
/// A number is decoded when it is read, so fields that no channel uses cost nothing.
package struct RecordTable: Sendable {
    /// Location of the records in their file, for error messages.
    package enum Location: Sendable, Equatable {
        /// Offset of the table's bytes in the file.
        case byte(Int)
        /// Line number of the first record.
        case line(Int)
        /// Number of the first point, where the file is compressed and has no byte for a record.
        case point(Int)
    }

    package let file: String
    package let bytes: [UInt8]
    /// Offset of the first record in `bytes`.
    package let start: Int
    /// Distance between records in bytes.
    package let stride: Int
    package let count: Int
    package let fields: [RecordField]
    package let location: Location
    /// Errors of fields with unusable numbers, by the field's name; thrown only if the field is used.
    package let flaws: [String: SourceError]

    /// Creates a table over bytes that the reader has found to be long enough.
    package init(
        file: String, bytes: [UInt8], start: Int = 0, stride: Int, count: Int,
        fields: [RecordField], location: Location, flaws: [String: SourceError] = [:]
    ) {
        let reach = fields.map { $0.offset + $0.type.size }.max() ?? 0
        precondition(
            count == 0 || start + (count - 1) * stride + reach <= bytes.count,
            "\(count) records do not fit into \(bytes.count) bytes.")
        self.file = file
        self.bytes = bytes
        self.start = start
        self.stride = stride
        self.count = count
        self.fields = fields
        self.location = location
        self.flaws = flaws
    }

    /// Renames the fields.
    package func renamed(_ name: (String) -> String) -> RecordTable {
        RecordTable(
            file: file, bytes: bytes, start: start, stride: stride, count: count,
            fields: fields.map { field in
                var field = field
                field.name = name(field.name)
                return field
            }, location: location,
            flaws: Dictionary(flaws.map { (name($0.key), $0.value) }) { first, _ in first })
    }

    package subscript(_ name: String) -> RecordField? { fields.first { $0.name == name } }

    /// Describes the location of a number: "point 7, at byte 184".
    package func location(of row: Int, _ field: RecordField) -> String {
        switch location {
        case .byte(let base): "point \(row), at byte \(base + start + row * stride + field.offset)"
        case .line(let first): "point \(row), in line \(first + row)"
        case .point(let first): "point \(first + row)"
        }
    }

    /// Calls `body` with each record's index and its number in `field`.
    // Inlined, so that this module decodes fields without a closure call per point.
    @inline(__always)
    package func forEach(
        _ field: RecordField, _ body: (_ row: Int, _ value: Double) throws -> Void
    ) rethrows {
        let bytes = self.bytes.span
        let size = field.type.size
        var at = start + field.offset
        for row in 0..<count {
            var bits =
                field.isBigEndian
                ? bigEndianBits(bytes, at: at, size: size)
                : littleEndianBits(bytes, at: at, size: size)
            if let part = field.bits {
                bits = bits >> UInt64(part.lowerBound) & ((1 << UInt64(part.count)) - 1)
            }
            var value = field.type.number(of: bits)
            if field.scale != 1 || field.shift != 0 { value = value * field.scale + field.shift }
            try body(row, value)
            at += stride
        }
    }

    /// Decodes a field of all records.
    package func values(of field: RecordField) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count)
        forEach(field) { _, value in values.append(value) }
        return values
    }
}

/// All stored data of a scene's points: tables with one record per point, side by side.
package struct PointRecords: Sendable {
    /// A field and its table.
    package struct Column: Sendable {
        package let table: RecordTable
        package let field: RecordField

        package func location(of row: Int) -> String { table.location(of: row, field) }
    }

    /// The scene's file or folder, for messages.
    package let path: String
    package let tables: [RecordTable]

    /// Combines tables; throws if their numbers of records differ.
    package init(path: String, _ tables: [RecordTable]) throws {
        self.path = path
        self.tables = tables
        guard let first = tables.first else { return }
        for table in tables where table.count != first.count {
            throw SourceError(
                "The file \(table.file) has \(table.count) rows and \(first.file) has "
                    + "\(first.count): use files of the same scene.")
        }
    }

    package var count: Int { tables.first?.count ?? 0 }

    /// Throws the error of the first of these fields that has unusable numbers.
    ///
    /// Fields that nothing uses are not judged.
    package func check(_ names: [String]) throws {
        for name in names {
            if let column = self[name], let flaw = column.table.flaws[name] { throw flaw }
        }
    }

    /// Names of all fields in the order of the tables.
    package var names: [String] { tables.flatMap { $0.fields.map(\.name) } }

    package subscript(_ name: String) -> Column? {
        for table in tables {
            if let field = table[name] { return Column(table: table, field: field) }
        }
        return nil
    }
}
