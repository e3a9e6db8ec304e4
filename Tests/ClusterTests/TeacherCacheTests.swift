import Cluster
import Files
import Foundation
import Messages
import Testing

/// Room for fetched teachers in a cache, on a real disk.
@Suite struct TeacherCacheTests {
    private let folder = NSTemporaryDirectory() + "denju-\(UUID().uuidString)"

    private func digest(_ number: UInt8) -> Digest {
        Digest([UInt8](repeating: number, count: 32))!
    }

    private func write(_ name: String, bytes: Int = 100, hoursAgo hours: Double) throws {
        let path = "\(folder)/\(name)"
        try LocalFileSystem().createDirectories(FilePaths.parent(of: path))
        try Data(count: bytes).write(to: URL(filePath: path))
        try FileManager.default.setAttributes(
            [.modificationDate: Date(timeIntervalSinceNow: -3600 * hours)], ofItemAtPath: path)
    }

    private func names() throws -> Set<String> { Set(try LocalFileSystem().names(in: folder)) }

    private func name(_ number: UInt8, _ ending: String = "") -> String {
        FilePaths.lastName(of: TeacherCache.path(of: digest(number), in: folder)) + ending
    }

    @Test("the teachers used least recently are removed beyond the limit, with their packed files")
    func oldTeachersAreRemoved() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let packed = ".float32-0123456789abcdef"
        // The oldest one is in use: it stays.
        try write(name(1), hoursAgo: 9)
        try write(name(2), hoursAgo: 8)
        try write(name(2, packed), hoursAgo: 8)
        try write(name(3), hoursAgo: 7)
        try write(name(3, packed), hoursAgo: 2)
        try write(name(4), hoursAgo: 0.5)
        let cache = TeacherCache(folder)
        #expect(cache.makeRoom(keeping: digest(1), limit: 600) == 600)
        #expect(try names().count == 6)
        #expect(cache.makeRoom(keeping: digest(1), limit: 599) == 400)
        #expect(try names() == [name(1), name(3), name(3, packed), name(4)])
        #expect(cache.makeRoom(keeping: digest(1), limit: 0) == 200, "used within the last hour")
        #expect(try names() == [name(1), name(4)])
    }

    @Test("interrupted downloads are removed after an hour, and nothing else is")
    func interruptedDownloadsAreRemoved() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(name(1), hoursAgo: 3)
        let old = [
            ".tmp-0123456789abcdef", ".4711", ".float32-0123456789abcdef.tmp-0123456789abcdef",
        ]
        for ending in old { try write(name(2, ending), hoursAgo: 2) }
        try write(name(2, ".tmp-fedcba9876543210"), hoursAgo: 0.5)
        let foreign = [
            "survey.las", "teacher.safetensors", "teacher-best.safetensors", name(2, ".tmp-mine"),
            name(2, ".bak"), "my-" + name(2), name(2).uppercased(),
        ]
        for other in foreign { try write(other, hoursAgo: 100) }
        #expect(TeacherCache(folder).makeRoom(keeping: digest(1), limit: 0) == 100)
        #expect(try names() == Set(foreign + [name(1), name(2, ".tmp-fedcba9876543210")]))
    }

    @Test("a missing folder holds no teachers") func missingFolderHoldsNoTeachers() {
        #expect(TeacherCache(folder).makeRoom(keeping: digest(1), limit: 0) == 0)
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test("unfinished files of one teacher have different names")
    func unfinishedFilesHaveDifferentNames() {
        let names = (0..<8).map { _ in
            TeacherCache.unfinishedPath(of: digest(1), in: folder)
        }
        #expect(Set(names).count == 8)
    }
}
