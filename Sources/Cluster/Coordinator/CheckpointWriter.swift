import Checkpoints
import Dispatch
import Synchronization

/// Writes checkpoints one after another on a queue of its own, from values that no longer change, so
/// that training continues meanwhile.
final class CheckpointWriter: Sendable {
    private let store: CheckpointStore
    private let queue = DispatchQueue(label: "denju.checkpoints")
    private let failure = Mutex<(any Error)?>(nil)
    private let record: @Sendable (RunEvent) -> Void

    init(_ store: CheckpointStore, record: @escaping @Sendable (RunEvent) -> Void) {
        self.store = store
        self.record = record
    }

    /// Writes a checkpoint and points the marks at it.
    func save(_ checkpoint: Checkpoint, marks: [String]) {
        queue.async { [self] in
            do {
                let saved = try store.save(checkpoint)
                for warning in saved.warnings { record(.warning(warning)) }
                for mark in marks { try store.setMark(mark, to: saved.folder) }
                record(.saved(folder: store.path(of: saved.folder)))
            } catch {
                failure.withLock { $0 = error }
                record(.warning("A checkpoint could not be written: \(error)"))
            }
        }
    }

    /// Writes a small file after everything that was passed before is on disk.
    func write(_ text: String, to path: String) {
        queue.async { [self] in
            // A file behind a failed checkpoint would state what is not on disk.
            guard failure.withLock({ $0 }) == nil else { return }
            do {
                try LocalFileSystem().replace(path, through: path + ".new") { file in
                    try file.write(Array(text.utf8))
                    try file.synchronize()
                    try file.close()
                }
            } catch {
                failure.withLock { $0 = error }
                record(.warning("\(path) could not be written: \(error)"))
            }
        }
    }

    /// Waits until everything is written; throws the last failure.
    func finish() throws {
        queue.sync {}
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
