import Checkpoints
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
        let files = (old: place + "/x.tmp-1", young: place + "/x.tmp-2")
        for file in [files.old, files.young] { try Data([1]).write(to: URL(filePath: file)) }
        try age(files.old, hours: 2)
        try age(files.young, hours: 0.5)
        // A new store measures the folder before it writes.
        try EntryStore(folder, limit: 10_000).write([4], at: BLAKE2b(of: "b"))
        #expect(!FileManager.default.fileExists(atPath: files.old))
        #expect(FileManager.default.fileExists(atPath: files.young))
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
