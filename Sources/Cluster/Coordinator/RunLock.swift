package import Files
import Foundation
import Training

/// Lock on a run's folder, which one coordinator holds: a second one would overwrite its checkpoints.
///
/// The system releases it with the process, however that ends.
package final class RunLock {
    private let lock: FileLock

    /// Takes the lock of a folder, which is made if it does not exist; nil on a file system without
    /// locks.
    ///
    /// Throws ``WorkerError`` if the folder cannot be made or another process holds the lock.
    ///
    /// - Parameters:
    ///   - note: receives a sentence if the file system has no locks.
    ///   - call: the system call that locks.
    package init?(
        _ folder: String, note: (String) -> Void, by call: FileLock.Call = FileLock.systemCall
    ) throws {
        let path = folder + "/" + RunFolder.lock
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw WorkerError(
                "The run's folder \(folder) cannot be made: look at the path and its permissions.")
        }
        let answer: FileLock.Answer
        do { answer = try FileLock.take(path, creating: true, by: call) } catch {
            throw WorkerError("\(error.clause): look at the folder's permissions.")
        }
        switch answer {
        case .taken(let lock): self.lock = lock
        case .held:
            throw WorkerError(
                "\(folder) is held by another coordinator: stop that one first, or choose another "
                    + "folder.")
        case .unsupported(let error):
            // Clusters often mount their shared disk without locks, and the run needs that disk.
            note(
                "\(error.clause): the file system has no locks, and a second coordinator in this "
                    + "folder would overwrite this run's checkpoints. Start only one, or mount the "
                    + "file system with locks (Lustre: -o flock).")
            return nil
        }
    }
}
