import Files
import ZipArchives

/// The public header of a LAS file, versions 1.0 to 1.4 (ASPRS LAS specification 1.4 R15), and the
/// locations of its variable-length records.
struct LASHeader: Sendable {
    /// A variable-length record.
    struct Record: Sendable, Equatable {
        let user: String
        let number: Int
        /// Location of the record's contents in the file.
        let range: Range<Int>
        /// Whether the record is behind the points and has a header of 60 instead of 54 bytes.
        var isExtended = false

        /// Offset of the record's own header in the file.
        var start: Int { range.lowerBound - (isExtended ? 60 : 54) }
    }

    let minorVersion: Int
    let size: Int
    let format: LASPointFormat
    /// Whether the points are compressed (LAZ).
    let isCompressed: Bool
    /// Size of a point in bytes, including extra bytes.
    let recordLength: Int
    let count: Int
    let scale: SIMD3<Double>
    let offset: SIMD3<Double>
    /// Offset of the points in the file.
    let pointOffset: Int
    /// Records before the points and extended records after them.
    private(set) var records: [Record] = []
    /// Offset of the first extended record; 0 if there is none.
    let extendedOffset: Int
    /// Offset of the packets of waveforms in this file; 0 if there are none.
    let waveformOffset: Int

    /// Size of the header by minor version.
    private static let sizes = [227, 227, 227, 235, 375]
    // Every record is read from the file, so a hostile count would cost as many reads.
    private static let largestRecordCount = 10_000

    /// Reads the header and locates the records.
    init(_ file: InputFile) throws {
        guard try file.signature() == .las else { throw file.isNot("a LAS or LAZ file") }
        let head = try file.bytes(0..<min(file.size, 375))
        var cursor = ByteCursor(head, of: file)
        try cursor.skip(to: 24, "the header")
        let major: UInt8 = try cursor.integer("the version")
        let minor: UInt8 = try cursor.integer("the version")
        guard major == 1, minor < Self.sizes.count else {
            throw file.damaged(
                at: 24, "has LAS version \(major).\(minor)", advice: "save it as LAS 1.4 or older"
            )
        }
        minorVersion = Int(minor)
        try cursor.skip(to: 94, "the header")
        size = Int(try cursor.integer("the header's size") as UInt16)
        pointOffset = Int(try cursor.integer("the offset of points") as UInt32)
        let recordCount = Int(try cursor.integer("the number of records") as UInt32)
        let code: UInt8 = try cursor.integer("the point format")
        recordLength = Int(try cursor.integer("the length of a point") as UInt16)
        let oldCount: UInt32 = try cursor.integer("the number of points")
        guard size >= Self.sizes[minorVersion], size <= file.size else {
            throw file.damaged(at: 94, "declares a header of \(size) bytes")
        }
        // LASzip marks compressed points in the two highest bits of the format.
        isCompressed = code & 0x80 != 0
        guard let format = LASPointFormat(number: Int(code & 0x3F)) else {
            throw file.damaged(at: 104, "has the unknown point format \(code & 0x3F)")
        }
        self.format = format
        guard recordLength >= format.size else {
            throw file.damaged(
                at: 105,
                "declares points of \(recordLength) bytes, but format \(format.number) "
                    + "needs \(format.size)")
        }
        guard pointOffset >= size, pointOffset <= file.size else {
            throw file.damaged(at: 96, "declares points from byte \(pointOffset) of \(file.size)")
        }
        try cursor.skip(to: 131, "the scales")
        var numbers: [Double] = []
        for _ in 0..<6 { numbers.append(try cursor.double("the scales")) }
        scale = SIMD3(numbers[0], numbers[1], numbers[2])
        offset = SIMD3(numbers[3], numbers[4], numbers[5])
        guard numbers.allSatisfy(\.isFinite), all(scale .!= 0) else {
            throw file.damaged(
                at: 131, "has scales of zero, or scales or offsets that are not finite")
        }
        var waveforms: UInt64 = 0
        if minorVersion >= 3 {
            try cursor.skip(to: 227, "the header")
            waveforms = try cursor.integer("the offset of waveforms")
        }
        // Points are read without their waveforms, so an offset outside the file is no obstacle.
        waveformOffset = waveforms <= UInt64(file.size) ? Int(waveforms) : 0
        var count = UInt64(oldCount)
        var extended: (offset: Int, count: Int) = (0, 0)
        if minorVersion >= 4 {
            try cursor.skip(to: 235, "the header")
            let start: UInt64 = try cursor.integer("the extended records")
            let number: UInt32 = try cursor.integer("the extended records")
            let newCount: UInt64 = try cursor.integer("the number of points")
            // Formats 6 to 10 use the 64-bit count alone; a file of an older format may fill in only
            // the 32-bit count.
            if newCount > 0 || format.number >= 6 { count = newCount }
            if number > 0 {
                guard let start = Int(exactly: start), start >= pointOffset, start <= file.size
                else { throw file.damaged(at: 235, "has extended records outside its bytes") }
                extended = (start, Int(number))
            }
        }
        guard let whole = Int(exactly: count), whole <= Int.max / max(recordLength, 1) else {
            throw file.damaged(at: 107, "declares \(count) points")
        }
        self.count = whole
        extendedOffset = extended.offset
        try readRecords(of: file, recordCount, from: size, isExtended: false)
        try readRecords(of: file, extended.count, from: extended.offset, isExtended: true)
    }

    private mutating func readRecords(
        of file: InputFile, _ count: Int, from start: Int, isExtended: Bool
    ) throws {
        guard count <= Self.largestRecordCount else {
            throw file.damaged(at: 100, "declares \(count) records")
        }
        let end = isExtended ? file.size : pointOffset
        let headSize = isExtended ? 60 : 54
        var at = start
        for _ in 0..<count {
            guard at <= end, end - at >= headSize else {
                throw file.damaged(at: at, "ends inside its variable-length records")
            }
            var cursor = ByteCursor(try file.bytes(at..<at + headSize), of: file, at: at)
            try cursor.skip(to: at + 2, "a record")
            let user = try cursor.text(16, "a record")
            let number = Int(try cursor.integer("a record") as UInt16)
            let length: UInt64 =
                isExtended
                ? try cursor.integer("a record") : UInt64(try cursor.integer("a record") as UInt16)
            let body = at + headSize
            guard length <= UInt64(end - body) else {
                throw file.damaged(
                    at: at, "declares \(length) bytes in its record \(user)/\(number)")
            }
            at = body + Int(length)
            records.append(
                Record(user: user, number: number, range: body..<at, isExtended: isExtended))
        }
    }
}
