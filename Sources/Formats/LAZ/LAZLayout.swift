import ZipArchives

/// Layout of the compressed points of a LAZ file, from its `laszip encoded` record.
struct LAZLayout: Sendable, Equatable {
    /// Whether each attribute is compressed separately (point formats 6 to 10).
    let isLayered: Bool
    /// Number of points per chunk; nil where the chunk table states it.
    let chunkSize: Int?
    /// Version of the items: 2 (not layered), 3 or 4.
    let version: Int
    // Offsets of the items in a point's record; nil for items that the points do not have.
    private(set) var time: Int?
    private(set) var colour: Int?
    private(set) var infrared: Int?
    private(set) var packet: Int?
    /// Offsets of the extra bytes.
    private(set) var bytes: [Int] = []

    /// User id and number of the record.
    static let user = "laszip encoded"
    static let number = 22204

    private enum Item: UInt16 {
        case bytes = 0
        case point10 = 6
        case time = 7
        case colour = 8
        case packet13 = 9
        case point14 = 10
        case colour14 = 11
        case colourInfrared14 = 12
        case packet14 = 13
        case bytes14 = 14

        /// Size of the item in bytes; nil where the record states it.
        var size: Int? {
            switch self {
            case .bytes, .bytes14: nil
            case .point10: 20
            case .time: 8
            case .colour, .colour14: 6
            case .packet13, .packet14: 29
            case .point14: 30
            case .colourInfrared14: 8
            }
        }

        var isLayered: Bool {
            switch self {
            case .point14, .colour14, .colourInfrared14, .packet14, .bytes14: true
            default: false
            }
        }
    }

    /// Reads the layout from the contents of the record.
    ///
    /// - Parameters:
    ///   - record: contents of the record, at `offset` in the file.
    ///   - recordLength: size of a point in bytes.
    init(_ record: [UInt8], at offset: Int, of file: InputFile, recordLength: Int) throws {
        var cursor = ByteCursor(record, of: file, at: offset)
        let compressor: UInt16 = try cursor.integer("the compressor")
        let coder: UInt16 = try cursor.integer("the coder")
        guard (2...3).contains(compressor), coder == 0 else {
            throw Self.unsupported(file, offset, "is compressed by method \(compressor)")
        }
        isLayered = compressor == 3
        try cursor.skip(to: offset + 12, "the layout of its points")
        let size: UInt32 = try cursor.integer("the size of chunks")
        chunkSize = size == .max ? nil : Int(size)
        guard size > 0 else { throw file.damaged(at: offset + 12, "has chunks of 0 points") }
        try cursor.skip(to: offset + 32, "the layout of its points")
        let count: UInt16 = try cursor.integer("the number of items")
        var start = 0
        var items: [(item: Item, start: Int, size: Int)] = []
        var versions: Set<Int> = []
        for index in 0..<Int(count) {
            let at = cursor.offset
            let type: UInt16 = try cursor.integer("an item")
            let size = Int(try cursor.integer("an item") as UInt16)
            let version = Int(try cursor.integer("an item") as UInt16)
            guard let item = Item(rawValue: type), item.isLayered == isLayered,
                (index == 0) == (item == .point10 || item == .point14)
            else { throw Self.unsupported(file, at, "compresses points as items of type \(type)") }
            guard item.size ?? size == size, size > 0 else {
                throw file.damaged(at: at, "has an item of type \(type) with \(size) bytes")
            }
            // Wave packets of formats 4 and 5 have version 1 in every release of LASzip.
            if item != .packet13 { versions.insert(max(version, isLayered ? 3 : 0)) }
            items.append((item, start, size))
            start += size
        }
        guard count > 0, start == recordLength else {
            throw file.damaged(
                at: offset, "compresses \(start) bytes of points that have \(recordLength)")
        }
        guard versions.count == 1, let version = versions.first,
            isLayered ? (3...4).contains(version) : version == 2
        else {
            throw Self.unsupported(
                file, offset,
                "has items of version \(versions.sorted().map(String.init).listed())")
        }
        self.version = version
        for (item, start, size) in items { note(item, at: start, size: size) }
    }

    private mutating func note(_ item: Item, at start: Int, size: Int) {
        switch item {
        case .point10, .point14: break
        case .time: time = start
        case .colour, .colour14: colour = start
        case .colourInfrared14:
            colour = start
            infrared = start + 6
        case .packet13, .packet14: packet = start
        case .bytes, .bytes14: bytes += start..<start + size
        }
    }

    private static func unsupported(
        _ file: InputFile, _ offset: Int, _ reason: String
    ) -> SourceError {
        file.damaged(
            at: offset, reason,
            advice: "decompress it with LASzip (laszip -i) or with laspy and lazrs, or compress it "
                + "again with LASzip 3 or newer")
    }
}
