import Files

/// A zip archive with stored or deflated entries, including zip64 archives beyond 4 GiB.
///
/// Follows PKWARE's APPNOTE 6.3.9. Encrypted and split archives are rejected.
package struct ZipArchive: Sendable {
    /// A file in the archive.
    package struct Entry: Sendable {
        package let name: String
        /// The number of the compression: 0 for none, 8 for deflate.
        let method: Int
        let isEncrypted: Bool
        package var isDeflated: Bool { method == 8 }
        let checksum: UInt32
        /// Number of bytes in the archive.
        let compressedSize: Int
        /// Number of bytes after decompression.
        package let size: Int
        /// Offset of the entry's local header in the archive.
        let localHeaderOffset: Int
        /// Offset of the entry's bytes in the archive.
        package var dataOffset: Int
    }

    package let file: InputFile
    package private(set) var entries: [Entry] = []

    // A deflate stream expands to at most 1032 times its size, so an entry that declares more is
    // damaged; checking this first keeps a small file from allocating gigabytes.
    private static let largestRatio = 1032
    // The directory stays in memory while the archive is open.
    private static let largestEntryCount = 1 << 16

    /// Opens an archive and reads its directory.
    package init(_ path: String) throws {
        file = try InputFile(path)
        let (count, size, offset) = try directory()
        guard count <= Self.largestEntryCount else {
            throw file.damaged(at: offset, "declares \(count) entries")
        }
        let bytes = try file.bytes(offset..<offset + size)
        var cursor = ByteCursor(bytes, of: file, at: offset)
        for _ in 0..<count { entries.append(try entry(&cursor)) }
        let names = Set(entries.map(\.name))
        // Readers that resolve a duplicate name differently would see different contents.
        guard names.count == entries.count else {
            throw file.damaged(at: offset, "has two entries of one name")
        }
        try checkOverlaps()
    }

    /// Throws if two entries share bytes: a small archive could otherwise expand to any size.
    private func checkOverlaps() throws {
        let sorted = entries.sorted { $0.localHeaderOffset < $1.localHeaderOffset }
        for (entry, next) in zip(sorted, sorted.dropFirst())
        where entry.dataOffset + entry.compressedSize > next.localHeaderOffset {
            throw file.damaged(
                at: next.localHeaderOffset,
                "has entries '\(entry.name)' and '\(next.name)' that share bytes")
        }
    }

    /// Decompresses an entry and verifies its checksum.
    package func contents(of entry: Entry) throws -> [UInt8] {
        // Only now: archives may have other entries that nothing reads.
        guard !entry.isEncrypted, entry.method == 0 || entry.isDeflated else {
            throw file.damaged(
                at: entry.localHeaderOffset,
                "has an entry '\(entry.name)' that is encrypted or compressed by method "
                    + "\(entry.method)",
                advice: "save it with numpy.savez or numpy.savez_compressed")
        }
        let stored = try file.bytes(entry.dataOffset..<entry.dataOffset + entry.compressedSize)
        let bytes: [UInt8]
        if entry.isDeflated {
            guard let inflated = Deflate.inflate(stored, to: entry.size) else {
                throw file.damaged(
                    at: entry.dataOffset,
                    "has an entry '\(entry.name)' that cannot be decompressed")
            }
            bytes = inflated
        } else {
            bytes = stored
        }
        guard Deflate.checksum(of: bytes) == entry.checksum else {
            throw file.damaged(
                at: entry.dataOffset, "has an entry '\(entry.name)' with a wrong checksum")
        }
        return bytes
    }

    // MARK: - Reading

    /// Number of entries, and size and offset of the directory in bytes.
    private typealias Directory = (count: Int, size: Int, offset: Int)

    /// Finds the directory from the record at the archive's end.
    private func directory() throws -> Directory {
        // The end record takes 22 bytes and is followed by a comment of up to 65,535 bytes.
        guard try [.zip, .other].contains(file.signature()) else {
            throw file.isNot("a zip archive")
        }
        let tail = min(file.size, 22 + 65_535)
        let bytes = try file.bytes(file.size - tail..<file.size)
        let signature: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
        let found = stride(from: bytes.count - 22, through: 0, by: -1).first { at in
            bytes[at..<at + 4].elementsEqual(signature)
        }
        guard let found else {
            throw file.damaged(at: max(0, file.size - 22), "is not a complete zip archive")
        }
        let at = file.size - tail + found
        var cursor = ByteCursor(Array(bytes[found...]), of: file, at: at)
        try cursor.skip(to: at + 10, "the directory")
        let count: UInt16 = try cursor.integer("the directory")
        let size: UInt32 = try cursor.integer("the directory")
        let offset: UInt32 = try cursor.integer("the directory")
        let isZip64 = count == .max || size == .max || offset == .max
        let directory: Directory =
            isZip64 ? try zip64Directory(before: at) : (Int(count), Int(size), Int(offset))
        guard directory.offset <= at, directory.size <= at - directory.offset else {
            throw file.damaged(at: at, "has a directory outside its bytes")
        }
        return directory
    }

    /// Finds the directory of a zip64 archive (beyond 4 GiB or 65,535 entries).
    private func zip64Directory(before end: Int) throws -> Directory {
        guard end >= 20 else { throw file.damaged(at: end, "lacks its directory") }
        var locator = ByteCursor(try file.bytes(end - 20..<end), of: file, at: end - 20)
        guard try locator.integer("the locator") as UInt32 == 0x0706_4B50 else {
            throw file.damaged(at: end - 20, "lacks its directory")
        }
        try locator.skip(to: end - 12, "the locator")
        let at = try length(&locator)
        guard at <= end - 20, end - 20 - at >= 56 else {
            throw file.damaged(at: end - 20, "has a directory outside its bytes")
        }
        var record = ByteCursor(try file.bytes(at..<at + 56), of: file, at: at)
        guard try record.integer("the directory") as UInt32 == 0x0606_4B50 else {
            throw file.damaged(at: at, "lacks its directory")
        }
        try record.skip(to: at + 32, "the directory")
        return (try length(&record), try length(&record), try length(&record))
    }

    /// Reads a length of 64 bits; throws if it exceeds `Int`.
    private func length(_ cursor: inout ByteCursor) throws -> Int {
        let at = cursor.offset
        let value: UInt64 = try cursor.integer("a length")
        guard let length = Int(exactly: value) else {
            throw file.damaged(at: at, "declares a length of \(value) bytes")
        }
        return length
    }

    /// Reads the next entry of the directory and checks it against its local header.
    private func entry(_ cursor: inout ByteCursor) throws -> Entry {
        let at = cursor.offset
        guard try cursor.integer("an entry") as UInt32 == 0x0201_4B50 else {
            throw file.damaged(at: at, "has a directory record without its signature")
        }
        try cursor.skip(to: at + 8, "an entry")
        let flags: UInt16 = try cursor.integer("an entry")
        let method: UInt16 = try cursor.integer("an entry")
        try cursor.skip(to: at + 16, "an entry")
        let checksum: UInt32 = try cursor.integer("an entry")
        let compressed: UInt32 = try cursor.integer("an entry")
        let uncompressed: UInt32 = try cursor.integer("an entry")
        let nameLength = Int(try cursor.integer("an entry") as UInt16)
        let extraLength = Int(try cursor.integer("an entry") as UInt16)
        let commentLength = Int(try cursor.integer("an entry") as UInt16)
        try cursor.skip(to: at + 42, "an entry")
        let header: UInt32 = try cursor.integer("an entry")
        let name = try cursor.text(nameLength, "an entry's name")
        let extraAt = cursor.offset
        let extra = try cursor.bytes(extraLength, "an entry's sizes")
        _ = try cursor.bytes(commentLength, "an entry's comment")
        let sizes = try zip64Sizes(
            [uncompressed, compressed, header], in: ByteCursor(extra, of: file, at: extraAt))
        return try checked(
            Entry(
                name: name, method: Int(method), isEncrypted: flags & 1 != 0, checksum: checksum,
                compressedSize: sizes[1], size: sizes[0], localHeaderOffset: sizes[2],
                dataOffset: 0))
    }

    /// Replaces saturated 32-bit lengths by the 64-bit ones of the zip64 extra field (number 1),
    /// which lists only the replaced lengths, in order.
    private func zip64Sizes(_ small: [UInt32], in extra: ByteCursor) throws -> [Int] {
        guard small.contains(.max) else { return small.map(Int.init) }
        var cursor = extra
        while cursor.remaining >= 4 {
            let number: UInt16 = try cursor.integer("an entry's sizes")
            let end = Int(try cursor.integer("an entry's sizes") as UInt16) + cursor.offset
            if number == 1 {
                return try small.map { $0 == .max ? try length(&cursor) : Int($0) }
            }
            try cursor.skip(to: end, "an entry's sizes")
        }
        throw file.damaged(at: extra.offset, "lacks the sizes of a large entry")
    }

    /// Locates an entry's bytes and checks that the file has them and that they can expand to the
    /// declared size.
    private func checked(_ entry: Entry) throws -> Entry {
        let at = entry.localHeaderOffset
        guard at <= file.size, file.size - at >= 30 else {
            throw file.damaged(at: file.size, "ends before its entry '\(entry.name)'")
        }
        var cursor = ByteCursor(try file.bytes(at..<at + 30), of: file, at: at)
        guard try cursor.integer("an entry") as UInt32 == 0x0403_4B50 else {
            throw file.damaged(at: at, "lacks the entry '\(entry.name)' of its directory")
        }
        try cursor.skip(to: at + 26, "an entry")
        // The local header's extra field can have another length than the directory's.
        let nameLength = Int(try cursor.integer("an entry") as UInt16)
        let extraLength = Int(try cursor.integer("an entry") as UInt16)
        var entry = entry
        entry.dataOffset = at + 30 + nameLength + extraLength
        guard entry.dataOffset <= file.size, entry.compressedSize <= file.size - entry.dataOffset
        else {
            throw file.damaged(at: at, "ends inside its entry '\(entry.name)'")
        }
        let limit =
            entry.isDeflated ? entry.compressedSize * Self.largestRatio + 64 : entry.compressedSize
        // Entries of other methods are never read.
        let isRead = !entry.isEncrypted && (entry.isDeflated || entry.method == 0)
        guard !isRead || entry.size <= limit && (entry.isDeflated || entry.size == limit) else {
            throw file.damaged(
                at: at,
                "declares \(entry.size) bytes in '\(entry.name)', which has "
                    + "\(entry.compressedSize) bytes in the archive")
        }
        return entry
    }
}
