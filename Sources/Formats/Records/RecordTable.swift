import Archives

/// A named number of every record: its type and where in the record it stands.
package struct RecordField: Sendable, Equatable {
    package var name: String
    package var type: ScalarType
    /// Bytes from the record's beginning.
    package var offset: Int
    package var isBigEndian = false
    /// The bits that count, where several numbers share a byte.
    package var bits: Range<Int>?
    /// The number is `stored * scale + shift`.
    package var scale = 1.0
    package var shift = 0.0

    /// A field of little-endian numbers unless told otherwise.
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

/// Points as files hold them: records of one length, with named numbers at fixed places.
///
/// What every binary format comes to, and every text format after it has been read. Numbers are
/// decoded when somebody asks for them.
package struct RecordTable: Sendable {
    /// How a sentence says where a record stands.
    package enum Place: Sendable, Equatable {
        /// The byte of the file at which the table's bytes begin.
        case byte(Int)
        /// The line of the first record.
        case line(Int)
        /// The file is compressed: the number of the first point.
        case point(Int)
    }

    package let file: String
    package let bytes: [UInt8]
    /// Where in `bytes` the first record begins.
    package let start: Int
    package let stride: Int
    package let count: Int
    package let fields: [RecordField]
    package let place: Place

    /// A table over bytes that its reader has found to be long enough.
    package init(
        file: String, bytes: [UInt8], start: Int = 0, stride: Int, count: Int,
        fields: [RecordField], place: Place
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
        self.place = place
    }

    /// The same records with other names for their fields.
    package func renamed(_ name: (String) -> String) -> RecordTable {
        RecordTable(
            file: file, bytes: bytes, start: start, stride: stride, count: count,
            fields: fields.map { field in
                var field = field
                field.name = name(field.name)
                return field
            }, place: place)
    }

    package subscript(_ name: String) -> RecordField? { fields.first { $0.name == name } }

    /// "point 7, at byte 184".
    package func location(of row: Int, _ field: RecordField) -> String {
        switch place {
        case .byte(let base): "point \(row), at byte \(base + start + row * stride + field.offset)"
        case .line(let first): "point \(row), in line \(first + row)"
        case .point(let first): "point \(first + row)"
        }
    }

    /// Calls `body` with each record's number and place.
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

    /// The numbers of a field.
    package func values(of field: RecordField) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count)
        forEach(field) { _, value in values.append(value) }
        return values
    }
}

/// What a scene's files say of its points: tables side by side, a record a point in each.
package struct PointRecords: Sendable {
    /// A field with the table it stands in.
    package struct Column: Sendable {
        package let table: RecordTable
        package let field: RecordField

        package func location(of row: Int) -> String { table.location(of: row, field) }
    }

    /// What the scene is called in messages: its file or folder.
    package let path: String
    package let tables: [RecordTable]

    /// Tables of as many records as each other; throws for others.
    package init(path: String, _ tables: [RecordTable]) throws {
        self.path = path
        self.tables = tables
        guard let first = tables.first else { return }
        for table in tables where table.count != first.count {
            throw SourceError(
                "The file \(table.file) has \(table.count) rows for the \(first.count) of "
                    + "\(first.file): they are not of the same scene.")
        }
    }

    package var count: Int { tables.first?.count ?? 0 }

    /// Names of all fields, table after table.
    package var names: [String] { tables.flatMap { $0.fields.map(\.name) } }

    package subscript(_ name: String) -> Column? {
        for table in tables {
            if let field = table[name] { return Column(table: table, field: field) }
        }
        return nil
    }
}
