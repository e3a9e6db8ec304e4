/// A named number of every record: its type and where in the record it stands.
struct RecordField: Sendable, Equatable {
    var name: String
    var type: ScalarType
    /// Bytes from the record's beginning.
    var offset: Int
    var isBigEndian = false
    /// The bits that count, where several numbers share a byte.
    var bits: Range<Int>?
    /// The number is `stored * scale + shift`.
    var scale = 1.0
    var shift = 0.0
}

/// Points as files hold them: records of one length, with named numbers at fixed places.
///
/// What every binary format comes to, and every text format after it has been read. Numbers are
/// decoded when somebody asks for them.
struct RecordTable: Sendable {
    /// How a sentence says where a record stands.
    enum Place: Sendable, Equatable {
        /// The byte of the file at which the table's bytes begin.
        case byte(Int)
        /// The line of the first record.
        case line(Int)
        /// The file is compressed: the number of the first point.
        case point(Int)
    }

    let file: String
    let bytes: [UInt8]
    /// Where in `bytes` the first record begins.
    let start: Int
    let stride: Int
    let count: Int
    let fields: [RecordField]
    let place: Place

    /// A table over bytes that its reader has found to be long enough.
    init(
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
    func renamed(_ name: (String) -> String) -> RecordTable {
        RecordTable(
            file: file, bytes: bytes, start: start, stride: stride, count: count,
            fields: fields.map { field in
                var field = field
                field.name = name(field.name)
                return field
            }, place: place)
    }

    subscript(_ name: String) -> RecordField? { fields.first { $0.name == name } }

    /// "point 7, at byte 184".
    func location(of row: Int, _ field: RecordField) -> String {
        switch place {
        case .byte(let base): "point \(row), at byte \(base + start + row * stride + field.offset)"
        case .line(let first): "point \(row), in line \(first + row)"
        case .point(let first): "point \(first + row)"
        }
    }

    /// Calls `body` with each record's number and place.
    @inline(__always)
    func forEach(
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
    func values(of field: RecordField) -> [Double] {
        var values: [Double] = []
        values.reserveCapacity(count)
        forEach(field) { _, value in values.append(value) }
        return values
    }
}

/// What a scene's files say of its points: tables side by side, a record a point in each.
struct PointRecords: Sendable {
    /// A field with the table it stands in.
    struct Column: Sendable {
        let table: RecordTable
        let field: RecordField

        func location(of row: Int) -> String { table.location(of: row, field) }
    }

    /// What the scene is called in messages: its file or folder.
    let path: String
    let tables: [RecordTable]

    /// Tables of as many records as each other; throws for others.
    init(path: String, _ tables: [RecordTable]) throws {
        self.path = path
        self.tables = tables
        guard let first = tables.first else { return }
        for table in tables where table.count != first.count {
            throw SourceError(
                "The file \(table.file) has \(table.count) rows for the \(first.count) of "
                    + "\(first.file): they are not of the same scene.")
        }
    }

    var count: Int { tables.first?.count ?? 0 }

    /// Names of all fields, table after table.
    var names: [String] { tables.flatMap { $0.fields.map(\.name) } }

    subscript(_ name: String) -> Column? {
        for table in tables {
            if let field = table[name] { return Column(table: table, field: field) }
        }
        return nil
    }
}
