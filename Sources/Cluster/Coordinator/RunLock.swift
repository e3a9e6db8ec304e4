import Foundation
import Glibc
import Training

/// A run's folder, held by one coordinator: a second one would write over its checkpoints.
///
/// The lock ends with the process, however that ends.
public final class RunLock {
    private let file: FileHandle

    /// Makes the folder where there is none and takes it.
    ///
    /// Throws ``WorkerError`` if it cannot be made or another process holds it.
    public init(_ folder: String) throws {
        let path = folder + "/" + RunFolder.lock
        let manager = FileManager.default
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw WorkerError(
                "The run's folder \(folder) cannot be made: look at the path and its permissions.")
        }
        guard manager.fileExists(atPath: path) || manager.createFile(atPath: path, contents: nil),
            let file = FileHandle(forWritingAtPath: path)
        else { throw WorkerError("\(path) cannot be written: look at the folder's permissions.") }
        // Worker processes started from here must not hold the lock on.
        _ = fcntl(file.fileDescriptor, F_SETFD, FD_CLOEXEC)
        guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw WorkerError(
                "\(folder) is in the hands of another coordinator: stop that one first, or choose "
                    + "another folder.")
        }
        self.file = file
    }
}
