import Formats
import FoundationEssentials
import Testing
import ZipArchives

/// Records that contain offsets into the file, in copies whose chunks have other sizes.
@Suite struct LASOffsetTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private let tiles = fixtures + "/cases/tiles.copc.laz"
    /// Offset of the info record's contents: behind a header of 375 bytes and a record's of 54.
    private let info = 429

    private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let path = folder.path + "/" + name
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    private func copied(_ path: String, to name: String, points: Int = 1200) throws -> String {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/out", withIntermediateDirectories: true)
        return try LASWriter.write(
            classifications: (0..<points).map { $0 * 7 % 32 }, like: path,
            to: folder.path + "/out/" + name)
    }

    /// Follows an index as a reader of COPC does, and returns the number of points it leads to.
    private func indexedPoints(_ bytes: [UInt8]) -> Int {
        var pages = [(int(bytes, info + 40, 8), int(bytes, info + 48, 8))]
        var ends: [(start: Int, end: Int)] = []
        var points = 0
        while let (page, size) = pages.popLast() {
            for at in stride(from: page, to: page + size, by: 32) {
                let (offset, size) = (int(bytes, at + 16, 8), int(bytes, at + 24, 4))
                let count = int(bytes, at + 28, 4)
                if count == 0xFFFF_FFFF {
                    pages.append((offset, size))
                    continue
                }
                // A chunk begins with a whole point, followed by the number of its points.
                #expect(int(bytes, offset + 30, 4) == count)
                ends.append((offset, offset + size))
                points += count
            }
        }
        ends.sort { $0.start < $1.start }
        let start = int(bytes, 96, 4)
        #expect(ends.first?.start == start + 8)
        #expect(ends.last?.end == int(bytes, start, 8), "the chunk table follows the last node")
        #expect(zip(ends, ends.dropFirst()).allSatisfy { $0.end == $1.start })
        return points
    }

    private func superseded(_ bytes: [UInt8]) -> Bool {
        let name = Array("copc".utf8) + [0]
        return !bytes.indices.dropLast(5).contains { bytes[$0...].starts(with: name) }
            && text(bytes, info - 52) == "LASF_Spec" && int(bytes, info - 36, 2) == 7
    }

    // MARK: - COPC

    @Test("the index of a COPC file leads to all points of its copy")
    func indexLeadsToAllPointsOfCopy() throws {
        let path = try copied(tiles, to: "tiles.copc.laz")
        #expect(path.hasSuffix("/out/tiles.copc.laz"))
        let (before, after) = (try bytes(of: tiles), try bytes(of: path))
        #expect(before.count != after.count, "chunks of other sizes are the point of this test")
        #expect(indexedPoints(before) == 1200)
        #expect(indexedPoints(after) == 1200)
        #expect(int(after, 235, 8) == int(after, info + 40, 8) - 60)
        #expect(try LASFile(path).points().count == 1200)
    }

    @Test("pages of an index are followed") func pagesOfIndexAreFollowed() throws {
        let path = try copied(file("paged.copc.laz", paged()), to: "paged.copc.laz")
        #expect(path.hasSuffix(".copc.laz"))
        #expect(indexedPoints(try bytes(of: path)) == 1200)
    }

    /// An index that does not describe the chunks is dropped with the name that promises it.
    @Test(
        "a copy of a file with a stale index has neither its records nor its name", arguments: 0..<6
    )
    func copyWithStaleIndexHasNeitherRecordsNorName(fault: Int) throws {
        var content = try bytes(of: tiles)
        let entry = int(content, info + 40, 8)
        switch fault {
        case 0: content[entry + 24] ^= 1  // Another size.
        case 1: content[entry + 16] ^= 1  // Another offset.
        case 2: content[entry + 28] ^= 1  // Another number of points.
        case 3: content[info + 48] -= 32  // The last node is missing.
        case 4:
            content.replaceSubrange(info + 40..<info + 48, with: [UInt8](repeating: 255, count: 8))
        default:
            // A page that contains itself.
            let page = littleEndian(entry, 8) + littleEndian(224, 4) + littleEndian(0xFFFF_FFFF, 4)
            content.replaceSubrange(entry + 16..<entry + 32, with: page)
        }
        let path = try copied(file("stale.copc.laz", content), to: "stale.copc.laz")
        #expect(path.hasSuffix("/out/stale.laz"))
        let copy = try bytes(of: path)
        #expect(superseded(copy))
        let extended = int(copy, 235, 8)
        #expect(text(copy, extended + 2) == "LASF_Spec" && int(copy, extended + 18, 2) == 7)
        #expect(try LASFile(path).points().count == 1200)
        let original = try LASFile(tiles).points()
        #expect(
            try LASFile(path).points().values(of: original.fields[0])
                == original.values(of: original.fields[0]))
    }

    /// The original with its index in two pages.
    private func paged() throws -> [UInt8] {
        var bytes = try bytes(of: tiles)
        let entry = int(bytes, info + 40, 8)
        let first = Array(bytes[entry..<entry + 128])
        let rest = Array(bytes[entry + 128..<entry + 224])
        let page =
            Array(rest[..<16]) + littleEndian(entry + 160, 8) + littleEndian(96, 4)
            + littleEndian(0xFFFF_FFFF, 4)
        bytes.replaceSubrange(entry..<entry + 224, with: first + page + rest)
        bytes.replaceSubrange(entry - 40..<entry - 32, with: littleEndian(256, 8))
        bytes.replaceSubrange(info + 48..<info + 56, with: littleEndian(160, 8))
        return bytes
    }

    // MARK: - Other offsets

    @Test("waveforms and extended records keep their offsets", arguments: [false, true])
    func waveformsAndExtendedRecordsKeepOffsets(isStreamed: Bool) throws {
        var content = try bytes(of: fixtures + "/las/dense10.laz")
        let start = int(content, 96, 4)
        let table = int(content, start, 8)
        let waveforms = content.count
        let name = Array("LASF_Spec".utf8)
        let record =
            [0, 0] + name + [UInt8](repeating: 0, count: 16 - name.count) + littleEndian(65_535, 2)
            + littleEndian(5, 8) + [UInt8](repeating: 0, count: 32) + [1, 2, 3, 4, 5]
        content += record
        content.replaceSubrange(227..<235, with: littleEndian(waveforms, 8))
        content.replaceSubrange(235..<247, with: littleEndian(waveforms, 8) + littleEndian(1, 4))
        // The compressor's record counts its own extended records and has their offset.
        let user = Array("laszip encoded".utf8)
        let layout = try #require(content.indices.first { content[$0...].starts(with: user) }) + 52
        content.replaceSubrange(layout + 24..<layout + 32, with: littleEndian(waveforms, 8))
        if isStreamed {
            content.replaceSubrange(start..<start + 8, with: [UInt8](repeating: 255, count: 8))
            content += littleEndian(table, 8)
        }
        let path = try copied(file("waves.laz", content), to: "waves.laz", points: 300)
        let copy = try bytes(of: path)
        let moved = copy.count - record.count
        #expect(moved != waveforms, "chunks of other sizes are the point of this test")
        #expect(int(copy, 227, 8) == moved)
        #expect(int(copy, 235, 8) == moved && int(copy, 243, 4) == 1)
        #expect(int(copy, layout + 24, 8) == moved)
        #expect(Array(copy[moved...]) == record)
        #expect(int(copy, int(copy, start, 8), 4) == 0, "the head has the chunk table's offset")
        #expect(try LASFile(path).points().count == 300)
    }

    @Test("absent offsets stay absent") func absentOffsetsStayAbsent() throws {
        let original = fixtures + "/las/dense10.laz"
        let copy = try bytes(of: copied(original, to: "a.laz", points: 300))
        let before = try bytes(of: original)
        #expect(copy[227..<247] == before[227..<247])
        let start = int(before, 96, 4)
        #expect(copy[..<start] == before[..<start])
    }

    // MARK: - Chunks

    /// lazrs wrote the files: an empty last chunk, and empty chunks between others.
    @Test(
        "empty chunks are read and copied",
        arguments: [("empty-last-chunk", 1200), ("empty-chunks3", 9), ("empty-chunks6", 9)])
    func emptyChunksAreReadAndCopied(name: String, points: Int) throws {
        let original = fixtures + "/cases/\(name).laz"
        let las = try LASFile(original)
        #expect(try las.points().count == points)
        let path = try copied(original, to: "a.laz", points: points)
        let classes = try #require(las.fields.first { $0.name == "classification" })
        #expect(
            try LASFile(path).points().values(of: classes)
                == (0..<points).map { Double($0 * 7 % 32) })
        if points == 9 {
            let same = try las.points().values(of: classes).map { Int($0) }
            let copy = folder.path + "/same.laz"
            try LASWriter.write(classifications: same, like: original, to: copy)
            #expect(try bytes(of: copy) == bytes(of: original))
            for rows in [0..<4, 3..<5, 4..<9] {
                #expect(
                    try las.points(rows).values(of: classes).map { Int($0) } == Array(same[rows]))
            }
        }
    }

    @Test("a file that declares far more points than its bytes can hold is rejected")
    func farTooManyPointsAreRejected() throws {
        var bytes = try bytes(of: tiles)
        bytes.replaceSubrange(247..<255, with: littleEndian(1 << 40, 8))
        let path = try file("many.laz", bytes)
        #expect {
            _ = try LASFile(path)
        } throws: {
            "\($0)".contains("declares 1099511627776 points of 30 bytes in 8906 compressed bytes")
        }
    }
}

/// The little-endian integer of `size` bytes at an offset.
private func int(_ bytes: [UInt8], _ at: Int, _ size: Int) -> Int {
    (0..<size).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
}

private func littleEndian(_ value: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}

private func text(_ bytes: [UInt8], _ at: Int) -> String {
    String(decoding: bytes[at..<at + 16].prefix { $0 != 0 }, as: UTF8.self)
}
