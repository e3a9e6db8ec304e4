import Archives

/// How the points of a LAZ file are packed: what its `laszip encoded` record says, and where in a
/// point's record each item stands.
struct LAZLayout: Sendable, Equatable {
    /// Whether each attribute is packed apart (point formats 6 to 10).
    let isLayered: Bool
    /// Points of a chunk; nil where each chunk says so.
    let chunkSize: Int?
    /// The version of the items: 2 (not layered), 3 or 4.
    let version: Int
    /// Where the GPS time stands that is an item of its own.
    private(set) var time: Int?
    private(set) var colour: Int?
    private(set) var infrared: Int?
    private(set) var packet: Int?
    /// Where each extra byte stands.
    private(set) var bytes: [Int] = []

    /// The record's user and number.
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

        /// Bytes of the item; nil where the record says.
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

    /// Reads the record.
    ///
    /// - Parameters:
    ///   - record: its bytes, which stand at `offset` in the file.
    ///   - recordLength: bytes of a point.
    init(_ record: [UInt8], at offset: Int, of file: InputFile, recordLength: Int) throws {
        var cursor = ByteCursor(record, of: file, at: offset)
        let compressor: UInt16 = try cursor.integer("how it is packed")
        let coder: UInt16 = try cursor.integer("how it is packed")
        guard (2...3).contains(compressor), coder == 0 else {
            throw Self.unknown(file, offset, "is packed by method \(compressor)")
        }
        isLayered = compressor == 3
        try cursor.skip(to: offset + 12, "how it is packed")
        let size: UInt32 = try cursor.integer("the size of chunks")
        chunkSize = size == .max ? nil : Int(size)
        guard size > 0 else { throw file.damaged(at: offset + 12, "has chunks of no points") }
        try cursor.skip(to: offset + 32, "how it is packed")
        let count: UInt16 = try cursor.integer("the number of items")
        var place = 0
        var places: [(item: Item, place: Int, size: Int)] = []
        var versions: Set<Int> = []
        for index in 0..<Int(count) {
            let at = cursor.offset
            let type: UInt16 = try cursor.integer("an item")
            let size = Int(try cursor.integer("an item") as UInt16)
            let version = Int(try cursor.integer("an item") as UInt16)
            guard let item = Item(rawValue: type), item.isLayered == isLayered,
                (index == 0) == (item == .point10 || item == .point14)
            else { throw Self.unknown(file, at, "packs points as items of type \(type)") }
            guard item.size ?? size == size, size > 0 else {
                throw file.damaged(at: at, "packs \(size) bytes as an item of type \(type)")
            }
            if item != .packet13 { versions.insert(max(version, isLayered ? 3 : 0)) }
            places.append((item, place, size))
            place += size
        }
        guard count > 0, place == recordLength else {
            throw file.damaged(
                at: offset, "packs \(place) bytes a point, which has \(recordLength)")
        }
        guard versions.count == 1, let version = versions.first,
            isLayered ? (3...4).contains(version) : version == 2
        else {
            throw Self.unknown(
                file, offset,
                "has items of version \(versions.sorted().map(String.init).listed())")
        }
        self.version = version
        for (item, place, size) in places { note(item, at: place, size: size) }
    }

    private mutating func note(_ item: Item, at place: Int, size: Int) {
        switch item {
        case .point10, .point14: break
        case .time: time = place
        case .colour, .colour14: colour = place
        case .colourInfrared14:
            colour = place
            infrared = place + 6
        case .packet13, .packet14: packet = place
        case .bytes, .bytes14: bytes += place..<place + size
        }
    }

    private static func unknown(
        _ file: InputFile, _ offset: Int, _ reason: String
    ) -> SourceError {
        file.damaged(
            at: offset, reason,
            advice: "unpack it with LASzip (laszip -i) or with laspy and lazrs, or pack it anew "
                + "with LASzip 3 or newer")
    }
}
