import FoundationEssentials
import Testing
import ZipArchives

@Suite struct ZipArchiveTests {
    /// Archives of the same arrays that NumPy wrote stored and deflated.
    private static let fixtures =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        + "/FormatsTests/Fixtures/numpy/"

    @Test("stored and deflated entries have the same contents")
    func entriesAreDecompressed() throws {
        let stored = try ZipArchive(Self.fixtures + "stored.npz")
        let deflated = try ZipArchive(Self.fixtures + "packed.npz")
        #expect(stored.entries.allSatisfy { !$0.isDeflated })
        #expect(deflated.entries.allSatisfy { $0.isDeflated })
        #expect(stored.entries.map(\.name) == deflated.entries.map(\.name))
        for (one, other) in zip(stored.entries, deflated.entries) {
            let contents = try stored.contents(of: one)
            #expect(contents.count == one.size)
            #expect(try deflated.contents(of: other) == contents)
        }
    }

    @Test("a changed byte of an entry is rejected by its checksum")
    func checksumIsVerified() throws {
        var bytes = Array(
            try Data(contentsOf: URL(filePath: Self.fixtures + "stored.npz")))
        let entry = try #require(ZipArchive(Self.fixtures + "stored.npz").entries.first)
        bytes[entry.dataOffset + entry.size - 1] ^= 1
        let path =
            FileManager.default.temporaryDirectory.appending(
                path: "denju-archives-\(UUID().uuidString).npz"
            ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(bytes).write(to: URL(filePath: path))
        let archive = try ZipArchive(path)
        #expect {
            try archive.contents(of: archive.entries[0])
        } throws: {
            "\($0)".contains("checksum") && "\($0)".contains(path)
        }
    }

    private func file(_ bytes: [UInt8]) throws -> String {
        let path =
            FileManager.default.temporaryDirectory.appending(
                path: "denju-archives-\(UUID().uuidString).npz"
            ).path
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    @Test("entries that share bytes are rejected") func entriesThatShareBytesAreRejected() throws {
        var bytes = Array(
            try Data(contentsOf: URL(filePath: Self.fixtures + "packed.npz")))
        let mark = Array("PK\u{1}\u{2}".utf8)
        let entries = bytes.indices.dropLast(4).filter { bytes[$0...].starts(with: mark) }
        // The second entry's header is that of the first.
        bytes.replaceSubrange(
            entries[1] + 42..<entries[1] + 46, with: bytes[entries[0] + 42..<entries[0] + 46])
        let path = try file(bytes)
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect {
            _ = try ZipArchive(path)
        } throws: { "\($0)".contains("that share bytes") }
    }

    @Test("an entry of an unknown compression is rejected if it is read")
    func entryOfUnknownCompressionIsRejectedIfRead() throws {
        var bytes = Array(
            try Data(contentsOf: URL(filePath: Self.fixtures + "packed.npz")))
        let mark = Array("PK\u{1}\u{2}".utf8)
        let entry = try #require(bytes.indices.first { bytes[$0...].starts(with: mark) })
        bytes[entry + 10] = 93
        let path = try file(bytes)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let archive = try ZipArchive(path)
        #expect(try archive.contents(of: archive.entries[1]).count == archive.entries[1].size)
        #expect {
            _ = try archive.contents(of: archive.entries[0])
        } throws: { "\($0)".contains("encrypted or compressed by method 93") }
    }

    @Test("deflated data are restored and must have the expected size")
    func deflateRoundTrip() {
        let bytes = (0..<5000).map { UInt8(truncatingIfNeeded: $0 * $0 / 9) }
        for count in [0, 1, 300, 5000] {
            let bytes = Array(bytes[..<count])
            let deflated = Deflate.deflate(bytes)
            #expect(Deflate.inflate(deflated, to: count) == bytes)
            #expect(Deflate.inflate(deflated, to: count + 1) == nil)
            #expect(Deflate.inflate(Array(deflated.dropLast()), to: count) == nil)
        }
    }
}
