/// A zip archive as NumPy writes one: entries stored or deflated, also beyond 4 GiB.
///
/// As in PKWARE's APPNOTE 6.3.9. Encrypted and split archives are refused.
package struct ZipArchive: Sendable {
    /// A file in the archive.
    package struct Entry: Sendable {
        package let name: String
        package let isDeflated: Bool
        let checksum: UInt32
        /// Bytes in the archive.
        let packedSize: Int
        /// Bytes when unpacked.
        package let size: Int
        /// Where in the archive its header stands.
        let headerOffset: Int
        /// Where its bytes begin.
        package var dataOffset: Int
    }

    package let file: InputFile
    package private(set) var entries: [Entry] = []

    /// Deflate makes at most so many bytes of one: what declares more is no deflated data.
    private static let greatestRatio = 1032
    private static let mostEntries = 1 << 16

    /// Reads an archive's directory.
    package init(_ path: String) throws {
        file = try InputFile(path)
        let (count, size, offset) = try directory()
        guard count <= Self.mostEntries else {
            throw file.damaged(at: offset, "declares \(count) entries")
        }
        let bytes = try file.bytes(offset..<offset + size)
        var cursor = ByteCursor(bytes, of: file, at: offset)
        for _ in 0..<count { entries.append(try entry(&cursor)) }
        let names = Set(entries.map(\.name))
        guard names.count == entries.count else {
            throw file.damaged(at: offset, "has two entries of one name")
        }
    }

    /// The unpacked bytes of an entry, which must have its checksum.
    package func contents(of entry: Entry) throws -> [UInt8] {
        let packed = try file.bytes(entry.dataOffset..<entry.dataOffset + entry.packedSize)
        let bytes: [UInt8]
        if entry.isDeflated {
            guard let inflated = Deflate.inflate(packed, to: entry.size) else {
                throw file.damaged(
                    at: entry.dataOffset, "holds an entry '\(entry.name)' that cannot be unpacked")
            }
            bytes = inflated
        } else {
            bytes = packed
        }
        guard Deflate.checksum(of: bytes) == entry.checksum else {
            throw file.damaged(
                at: entry.dataOffset, "holds an entry '\(entry.name)' whose checksum is wrong")
        }
        return bytes
    }

    // MARK: - Reading

    private typealias Directory = (count: Int, size: Int, offset: Int)

    /// The directory's place, from the record at the archive's end.
    private func directory() throws -> Directory {
        let tail = min(file.size, 22 + 65_535)
        let bytes = try file.bytes(file.size - tail..<file.size)
        let mark: [UInt8] = [0x50, 0x4B, 0x05, 0x06]
        let found = stride(from: bytes.count - 22, through: 0, by: -1).first { at in
            bytes[at..<at + 4].elementsEqual(mark)
        }
        guard let found else {
            throw file.damaged(at: max(0, file.size - 22), "is no whole zip archive")
        }
        let at = file.size - tail + found
        var cursor = ByteCursor(Array(bytes[found...]), of: file, at: at)
        try cursor.skip(to: at + 10, "the directory")
        let count: UInt16 = try cursor.integer("the directory")
        let size: UInt32 = try cursor.integer("the directory")
        let offset: UInt32 = try cursor.integer("the directory")
        let isLarge = count == .max || size == .max || offset == .max
        let place: Directory =
            isLarge ? try largeDirectory(before: at) : (Int(count), Int(size), Int(offset))
        guard place.offset <= at, place.size <= at - place.offset else {
            throw file.damaged(at: at, "has a directory that lies outside of it")
        }
        return place
    }

    /// The directory's place in an archive beyond 4 GiB or 65 535 entries.
    private func largeDirectory(before end: Int) throws -> Directory {
        guard end >= 20 else { throw file.damaged(at: end, "lacks its directory") }
        var locator = ByteCursor(try file.bytes(end - 20..<end), of: file, at: end - 20)
        guard try locator.integer("the locator") as UInt32 == 0x0706_4B50 else {
            throw file.damaged(at: end - 20, "lacks its directory")
        }
        try locator.skip(to: end - 12, "the locator")
        let at = try length(&locator)
        guard at <= end - 20, end - 20 - at >= 56 else {
            throw file.damaged(at: end - 20, "has a directory that lies outside of it")
        }
        var record = ByteCursor(try file.bytes(at..<at + 56), of: file, at: at)
        guard try record.integer("the directory") as UInt32 == 0x0606_4B50 else {
            throw file.damaged(at: at, "lacks its directory")
        }
        try record.skip(to: at + 32, "the directory")
        return (try length(&record), try length(&record), try length(&record))
    }

    /// A length of 64 bits; one that no file can have is refused.
    private func length(_ cursor: inout ByteCursor) throws -> Int {
        let at = cursor.offset
        let value: UInt64 = try cursor.integer("a length")
        guard let length = Int(exactly: value) else {
            throw file.damaged(at: at, "declares a length of \(value) bytes")
        }
        return length
    }

    /// The next entry of the directory, found again before its own bytes.
    private func entry(_ cursor: inout ByteCursor) throws -> Entry {
        let at = cursor.offset
        guard try cursor.integer("an entry") as UInt32 == 0x0201_4B50 else {
            throw file.damaged(at: at, "has a directory with something else in it")
        }
        try cursor.skip(to: at + 8, "an entry")
        let flags: UInt16 = try cursor.integer("an entry")
        let method: UInt16 = try cursor.integer("an entry")
        try cursor.skip(to: at + 16, "an entry")
        let checksum: UInt32 = try cursor.integer("an entry")
        let packed: UInt32 = try cursor.integer("an entry")
        let unpacked: UInt32 = try cursor.integer("an entry")
        let nameLength = Int(try cursor.integer("an entry") as UInt16)
        let extraLength = Int(try cursor.integer("an entry") as UInt16)
        let commentLength = Int(try cursor.integer("an entry") as UInt16)
        try cursor.skip(to: at + 42, "an entry")
        let header: UInt32 = try cursor.integer("an entry")
        let name = try cursor.text(nameLength, "an entry's name")
        let extraAt = cursor.offset
        let extra = try cursor.bytes(extraLength, "an entry's sizes")
        _ = try cursor.bytes(commentLength, "an entry's comment")
        guard flags & 1 == 0, method == 0 || method == 8 else {
            throw file.damaged(
                at: at, "holds '\(name)', encrypted or packed by method \(method)",
                advice: "save it with numpy.savez or numpy.savez_compressed")
        }
        let sizes = try largeSizes(
            [unpacked, packed, header], in: ByteCursor(extra, of: file, at: extraAt))
        return try checked(
            Entry(
                name: name, isDeflated: method == 8, checksum: checksum, packedSize: sizes[1],
                size: sizes[0], headerOffset: sizes[2], dataOffset: 0))
    }

    /// Lengths of which those that do not fit in 32 bits stand, in their order, in a field of
    /// their own (number 1).
    private func largeSizes(_ small: [UInt32], in extra: ByteCursor) throws -> [Int] {
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

    /// The entry with the place of its bytes, which lie in the file and can be as many as declared.
    private func checked(_ entry: Entry) throws -> Entry {
        let at = entry.headerOffset
        guard at <= file.size, file.size - at >= 30 else {
            throw file.damaged(at: file.size, "ends before its entry '\(entry.name)'")
        }
        var cursor = ByteCursor(try file.bytes(at..<at + 30), of: file, at: at)
        guard try cursor.integer("an entry") as UInt32 == 0x0403_4B50 else {
            throw file.damaged(at: at, "has no entry '\(entry.name)' where its directory says")
        }
        try cursor.skip(to: at + 26, "an entry")
        let nameLength = Int(try cursor.integer("an entry") as UInt16)
        let extraLength = Int(try cursor.integer("an entry") as UInt16)
        var entry = entry
        entry.dataOffset = at + 30 + nameLength + extraLength
        guard entry.dataOffset <= file.size, entry.packedSize <= file.size - entry.dataOffset else {
            throw file.damaged(at: at, "ends inside its entry '\(entry.name)'")
        }
        let most = entry.isDeflated ? entry.packedSize * Self.greatestRatio + 64 : entry.packedSize
        guard entry.size <= most, entry.isDeflated || entry.size == entry.packedSize else {
            throw file.damaged(
                at: at,
                "declares \(entry.size) bytes in '\(entry.name)' packed into "
                    + "\(entry.packedSize)")
        }
        return entry
    }
}
