import Files
import Foundation
import Glibc
import Synchronization
import Testing

/// Exclusive locks on files, on local disks and with the semantics of network file systems.
@Suite struct FileLockTests {
    private let path: String

    init() throws {
        path = NSTemporaryDirectory() + "denju-lock-\(UUID().uuidString)"
        try Data("kept".utf8).write(to: URL(fileURLWithPath: path))
    }

    private func remove() { try? FileManager.default.removeItem(atPath: path) }

    /// A call with the answers of a script, then those of a local disk.
    private func scripted(_ codes: Int32...) -> FileLock.Call {
        let rest = Mutex(codes)
        return { descriptor in
            rest.withLock { $0.isEmpty ? FileLock.systemCall(descriptor) : $0.removeFirst() }
        }
    }

    @Test("a lock has one holder") func lockHasOneHolder() throws {
        defer { remove() }
        var first: FileLock.Answer? = try FileLock.take(path)
        guard case .taken = first else {
            Issue.record("the first lock is \(String(describing: first))")
            return
        }
        for time in [Duration.zero, .milliseconds(20)] {
            guard case .held = try FileLock.take(path, within: time) else {
                Issue.record("the lock has two holders")
                return
            }
        }
        first = nil
        guard case .taken = try FileLock.take(path) else {
            Issue.record("the lock was released and is held")
            return
        }
        #expect(FileManager.default.contents(atPath: path) == Data("kept".utf8))
    }

    @Test("a missing file is locked only if it may be created") func missingFileIsCreated() throws {
        remove()
        #expect(throws: FileError.self) { _ = try FileLock.take(path) }
        #expect(!FileManager.default.fileExists(atPath: path))
        defer { remove() }
        guard case .taken = try FileLock.take(path, creating: true) else {
            Issue.record("a new file cannot be locked")
            return
        }
        #expect(FileManager.default.contents(atPath: path) == Data())
    }

    /// NFSv4 answers an exclusive lock on a descriptor opened for reading with EBADF.
    @Test("a lock is taken where descriptors must be open for writing")
    func lockIsTakenOnNFS() throws {
        defer { remove() }
        let nfs: FileLock.Call = { descriptor in
            let isReadOnly = fcntl(descriptor, F_GETFL) & O_ACCMODE == O_RDONLY
            return isReadOnly ? EBADF : FileLock.systemCall(descriptor)
        }
        guard case .taken = try FileLock.take(path, by: nfs) else {
            Issue.record("no lock")
            return
        }
    }

    @Test("a stale or interrupted attempt is repeated", arguments: [ESTALE, EINTR])
    func attemptIsRepeated(code: Int32) throws {
        defer { remove() }
        guard case .taken = try FileLock.take(path, by: scripted(code)) else {
            Issue.record("no lock")
            return
        }
    }

    @Test("a file that stays stale is an error") func staleFileIsAnError() throws {
        defer { remove() }
        #expect {
            _ = try FileLock.take(path, by: { _ in ESTALE })
        } throws: { error in
            (error as? FileError)?.isGone == true
        }
    }

    @Test("a file system without locks is told apart", arguments: [ENOSYS, EOPNOTSUPP, ENOLCK])
    func fileSystemWithoutLocks(code: Int32) throws {
        defer { remove() }
        guard case .unsupported(let error) = try FileLock.take(path, by: scripted(code)) else {
            Issue.record("the answer is not that there are no locks")
            return
        }
        #expect(error.path == path && error.reason.hasPrefix("cannot be locked: "))
    }

    @Test("other errors are reported") func otherErrorsAreReported() throws {
        defer { remove() }
        #expect(throws: FileError.self) { _ = try FileLock.take(path, by: { _ in EIO }) }
    }
}
