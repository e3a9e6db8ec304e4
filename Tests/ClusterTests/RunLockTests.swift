import Cluster
import Foundation
import Glibc
import Testing
import Training

/// The lock of a run's folder.
@Suite struct RunLockTests {
    private let folder = NSTemporaryDirectory() + "denju-\(UUID().uuidString)/run"

    private func remove() {
        try? FileManager.default.removeItem(
            atPath: (folder as NSString).deletingLastPathComponent)
    }

    @Test("one coordinator holds a folder") func oneCoordinatorHoldsFolder() throws {
        defer { remove() }
        var notes: [String] = []
        var first = try RunLock(folder) { notes.append($0) }
        #expect(first != nil)
        #expect(throws: WorkerError.self) { _ = try RunLock(folder) { notes.append($0) } }
        first = nil
        #expect(try RunLock(folder) { notes.append($0) } != nil)
        #expect(notes.isEmpty)
    }

    @Test(
        "a run begins on a disk without locks, with a warning",
        arguments: [ENOSYS, ENOLCK, EOPNOTSUPP])
    func runBeginsWithoutLocks(code: Int32) throws {
        defer { remove() }
        var notes: [String] = []
        let lock = try RunLock(folder, note: { notes.append($0) }, by: { _ in code })
        #expect(lock == nil && notes.count == 1)
        #expect(notes[0].hasPrefix("\(folder)/lock cannot be locked: "))
        #expect(notes[0].contains("Start only one"))
    }

    /// NFSv4 refuses an exclusive lock on a descriptor opened for reading.
    @Test("a shared folder on NFS is locked") func folderOnNFSIsLocked() throws {
        defer { remove() }
        let lock = try RunLock(folder, note: { Issue.record("\($0)") }) { descriptor in
            fcntl(descriptor, F_GETFL) & O_ACCMODE == O_RDONLY ? EBADF : 0
        }
        #expect(lock != nil)
    }
}
