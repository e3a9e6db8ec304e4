import Checkpoints
import Foundation
import Training

/// A run's folder, held by one coordinator: a second one would write over its checkpoints.
///
/// The lock ends with the process, however that ends.
package final class RunLock {
    private let lock: FileLock

    /// Makes the folder where there is none and takes it.
    ///
    /// Throws ``WorkerError`` if it cannot be made or another process holds it.
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
                "\(folder) is in the hands of another coordinator: stop that one first, or choose "
                    + "another folder.")
        }
        self.lock = lock
    }
}
