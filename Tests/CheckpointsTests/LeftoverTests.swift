import Checkpoints
import Files
import Foundation
import Testing

/// Remains of killed writers and times of use, on a real disk.
@Suite struct LeftoverTests {
    private let folder = NSTemporaryDirectory() + "denju-\(UUID().uuidString)"

    private func age(_ path: String, hours: Double) throws {
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3600 * hours)], ofItemAtPath: path)
    }

    @Test("unfinished files are removed after an hour")
    func unfinishedFilesAreRemovedAfterHour() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try LocalFileSystem().createDirectories(folder)
        let address = BLAKE2b(of: "a")
        try EntryStore(folder, limit: 10_000).write([1, 2, 3], at: address)
        let place = folder + "/" + address.hex.prefix(2)
        let unfinished = place + "/\(address.hex).safetensors.tmp-"
        let old = unfinished + "0123456789abcdef"
        let young = unfinished + "fedcba9876543210"
        // Files that users keep in a folder they chose for the cache.
        let foreign = [
            folder + "/01/survey.las", folder + "/01/survey.las.tmp-0123456789abcdef",
            folder + "/ab.las", place + "/notes.safetensors", place + "/x.tmp-0123456789abcdef",
            unfinished + "mine", place + "/\(address.hex).safetensors.bak",
            place + "/\(address.hex)", folder + "/ZZ/\(address.hex).safetensors",
        ]
        for file in [old, young] + foreign {
            try LocalFileSystem().createDirectories(FilePaths.parent(of: file))
            try Data([1]).write(to: URL(filePath: file))
        }
        for file in [old] + foreign { try age(file, hours: 2) }
        try age(young, hours: 0.5)
        // A new store measures the folder before it writes, and has no room for both entries.
        let store = EntryStore(folder, limit: 100)
        try store.write([UInt8](repeating: 4, count: 87), at: BLAKE2b(of: "b"))
        #expect(try store.entries().map(\.address) == [BLAKE2b(of: "b")])
        #expect(!FileManager.default.fileExists(atPath: old))
        for file in [young] + foreign {
            #expect(FileManager.default.fileExists(atPath: file), "\(file)")
        }
    }

    @Test("reading an entry updates its time of use")
    func readingEntryUpdatesItsTimeOfUse() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let disk = LocalFileSystem()
        try disk.createDirectories(folder)
        let store = EntryStore(folder)
        let address = BLAKE2b(of: "a")
        try store.write([1, 2, 3], at: address)
        let path = store.path(of: address)
        try age(path, hours: 5)
        let old = try #require(try disk.status(of: path))
        #expect(old.kind == .file && old.size == 3)
        _ = try store.read(address, keepingUse: false)
        #expect(try disk.status(of: path)?.used == old.used)
        _ = try store.read(address)
        #expect(try #require(try disk.status(of: path)).used > old.used + 4 * 3600 * 1_000_000_000)
    }
}
