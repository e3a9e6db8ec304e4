import Checkpoints
import Foundation
import Training

/// Lock on a run's folder, which one coordinator holds: a second one would overwrite its checkpoints.
///
/// The system releases it with the process, however that ends.
package final class RunLock {
    private let lock: FileLock

    /// Takes the lock of a folder, which is made if it does not exist.
    ///
    /// Throws ``WorkerError`` if the folder cannot be made or another process holds the lock.
    package init(_ folder: String) throws {
        let path = folder + "/" + RunFolder.lock
        let manager = FileManager.default
        do {
            try manager.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw WorkerError(
                "The run's folder \(folder) cannot be made: look at the path and its permissions.")
        }
        guard manager.fileExists(atPath: path) || manager.createFile(atPath: path, contents: nil)
        else { throw WorkerError("\(path) cannot be written: look at the folder's permissions.") }
        guard let lock = try FileLock.take(path) else {
            throw WorkerError(
                "\(folder) is held by another coordinator: stop that one first, or choose another "
                    + "folder.")
        }
        self.lock = lock
    }
}
