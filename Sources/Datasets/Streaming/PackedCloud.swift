import Formats
package import PointClouds
import ZipArchives

/// The lossless compression of clouds for workers without the data.
///
/// Coordinates, channels and labels are stored column by column. A column of at most 256 different
/// values (labels, intensities in hundredths, colours in 255ths) becomes a table and one byte per
/// point. In other columns, the bits of each value are replaced by their difference from the
/// previous point, with the sign last, and divided into four planes of bytes. Both are then
/// deflated: a scan of SemanticKITTI takes 40 % of its files' size.
package enum PackedCloud {
    private static let magic: UInt32 = 0x314C_4344  // "DCL1"
    /// The largest ratio of deflate, by which declared sizes are limited.
    private static let greatestRatio = 1040

    private enum Form: UInt8 { case differences, table }

    /// Compresses a cloud.
    package static func bytes(of cloud: Cloud) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.append(word: magic)
        bytes.append(word64: UInt64(cloud.count))
        for axis in 0..<3 { bytes.append(word64: cloud.origin[axis].bitPattern) }
        bytes.append(word: UInt32(cloud.channels.count))
        for channel in cloud.channels {
            bytes.append(word: UInt32(channel.name.utf8.count))
            bytes += channel.name.utf8
            bytes.append(word: UInt32(channel.width))
        }
        bytes.append(cloud.labels.isEmpty ? 0 : 1)
        for axis in 0..<3 { append(cloud.positions.map { $0[axis].bitPattern }, to: &bytes) }
        for channel in cloud.channels {
            for place in 0..<channel.width {
                // Column by column: neighbouring values are alike, and deflate finds that only side by side.
                let values = stride(from: place, to: channel.values.count, by: channel.width)
                append(values.map { channel.values[$0].bitPattern }, to: &bytes)
            }
        }
        if !cloud.labels.isEmpty {
            append(cloud.labels.map { UInt32(bitPattern: $0) }, to: &bytes)
        }
        return bytes
    }

    /// Decompresses a cloud.
    ///
    /// Throws `SourceError` for bytes that are not a packed cloud. Changed values are detected only
    /// by the digest of the bytes.
    ///
    /// - Parameter name: the scan's name in errors.
    package static func cloud(from bytes: [UInt8], name: String) throws -> Cloud {
        var cursor = ByteCursor(bytes, of: InputFile(bytes, name: "of the packed scan \(name)"))
        guard try cursor.integer("the magic number") as UInt32 == magic else {
            throw SourceError("The packed scan \(name) is none.")
        }
        let announced: UInt64 = try cursor.integer("the number of points")
        // At least three columns follow, each with one byte per point before it was deflated.
        guard announced <= UInt64(cursor.remaining * greatestRatio) else {
            throw SourceError(
                "The packed scan \(name) announces \(announced) points in "
                    + "\(bytes.count) bytes.")
        }
        let count = Int(announced)
        var origin = SIMD3<Double>()
        for axis in 0..<3 { origin[axis] = try cursor.double("the origin") }
        var channels: [Cloud.Channel] = []
        let channelCount: UInt32 = try cursor.integer("the number of channels")
        for _ in 0..<channelCount {
            let length: UInt32 = try cursor.integer("the length of a channel's name")
            let channel = try cursor.bytes(Int(length), "a channel's name")
            let width: UInt32 = try cursor.integer("a channel's width")
            // The width sizes an allocation below: it must not exceed what the message can contain.
            guard width <= cursor.remaining else {
                throw SourceError(
                    "The packed scan \(name) announces a channel of \(width) values a "
                        + "point.")
            }
            channels.append(
                .init(name: String(decoding: channel, as: UTF8.self), width: Int(width), values: [])
            )
        }
        let isLabelled: UInt8 = try cursor.integer("whether there are labels")
        func column(_ what: String) throws -> [UInt32] {
            try Self.column(of: count, what, from: &cursor, name: name)
        }
        let (x, y, z) = (try column("x"), try column("y"), try column("z"))
        let positions = (0..<count).map {
            SIMD3(
                Float(bitPattern: x[$0]), Float(bitPattern: y[$0]), Float(bitPattern: z[$0]))
        }
        for place in channels.indices {
            let width = channels[place].width
            let columns = try (0..<width).map { _ in try column(channels[place].name) }
            var values = [Float](repeating: 0, count: count * width)
            for (offset, column) in columns.enumerated() {
                for point in 0..<count {
                    values[point * width + offset] = Float(bitPattern: column[point])
                }
            }
            channels[place].values = values
        }
        let labels =
            isLabelled == 1 ? try column("labels").map { Int32(bitPattern: $0) } : []
        // Trailing bytes mean damage or another layout, and neither may become a scan.
        guard cursor.remaining == 0 else {
            throw SourceError("The packed scan \(name) has \(cursor.remaining) bytes too many.")
        }
        return Cloud(positions: positions, origin: origin, channels: channels, labels: labels)
    }

    // MARK: - Columns

    private static func append(_ column: [UInt32], to bytes: inout [UInt8]) {
        let planes: [UInt8]
        if let (table, places) = table(of: column) {
            bytes.append(Form.table.rawValue)
            bytes.append(UInt8(table.count - 1))
            for value in table { bytes.append(word: value) }
            planes = places
        } else {
            bytes.append(Form.differences.rawValue)
            planes = Self.planes(of: column)
        }
        let packed = Deflate.deflate(planes)
        bytes.append(word64: UInt64(packed.count))
        bytes += packed
    }

    private static func column(
        of count: Int, _ what: String, from cursor: inout ByteCursor, name: String
    ) throws -> [UInt32] {
        let form: UInt8 = try cursor.integer("the form of \(what)")
        var table: [UInt32]?
        if form == Form.table.rawValue {
            let last: UInt8 = try cursor.integer("the table of \(what)")
            table = try (0...last).map { _ in try cursor.integer("the table of \(what)") }
        }
        let size: UInt64 = try cursor.integer("the size of \(what)")
        let packed = try cursor.bytes(Int(clamping: size), what)
        let bytes = table == nil ? 4 * count : count
        // Before memory is allocated for the inflated bytes.
        guard form <= Form.table.rawValue, bytes <= packed.count * greatestRatio,
            let planes = Deflate.inflate(packed, to: bytes)
        else { throw SourceError("The packed scan \(name) is damaged in \(what).") }
        guard let table else { return column(of: planes) }
        return try planes.map { place in
            // Bytes from the network: an index beyond the table would end the process.
            guard place < table.count else {
                throw SourceError("The packed scan \(name) is damaged in \(what).")
            }
            return table[Int(place)]
        }
    }

    /// The distinct values of a column in order of first occurrence, and each point's place among
    /// them.
    ///
    /// The result is nil for an empty column or more than 256 values.
    private static func table(of column: [UInt32]) -> (table: [UInt32], places: [UInt8])? {
        guard !column.isEmpty else { return nil }
        var table: [UInt32] = []
        var known: [UInt32: UInt8] = [:]
        var places: [UInt8] = []
        places.reserveCapacity(column.count)
        for value in column {
            if let place = known[value] {
                places.append(place)
                continue
            }
            // A place in the table is one byte.
            guard table.count < 256 else { return nil }
            known[value] = UInt8(table.count)
            places.append(UInt8(table.count))
            table.append(value)
        }
        return (table, places)
    }

    private static func planes(of column: [UInt32]) -> [UInt8] {
        let count = column.count
        var planes = [UInt8](repeating: 0, count: 4 * count)
        var before: UInt32 = 0
        for (point, value) in column.enumerated() {
            let difference = value &- before
            // The sign comes last, so that small differences of either sign have zero upper bytes.
            let folded = difference << 1 ^ UInt32(bitPattern: Int32(bitPattern: difference) >> 31)
            planes[point] = UInt8(truncatingIfNeeded: folded)
            planes[count + point] = UInt8(truncatingIfNeeded: folded >> 8)
            planes[2 * count + point] = UInt8(truncatingIfNeeded: folded >> 16)
            planes[3 * count + point] = UInt8(truncatingIfNeeded: folded >> 24)
            before = value
        }
        return planes
    }

    private static func column(of planes: [UInt8]) -> [UInt32] {
        let count = planes.count / 4
        var before: UInt32 = 0
        return (0..<count).map { point in
            let folded =
                UInt32(planes[point]) | UInt32(planes[count + point]) << 8
                | UInt32(planes[2 * count + point]) << 16 | UInt32(planes[3 * count + point]) << 24
            before = before &+ (folded >> 1 ^ (0 &- (folded & 1)))
            return before
        }
    }
}
