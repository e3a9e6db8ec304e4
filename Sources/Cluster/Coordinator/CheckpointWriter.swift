import Checkpoints
import Dispatch
import Synchronization

/// Writes checkpoints one after another on a thread of its own, from values that no longer change,
/// so that training goes on meanwhile.
final class CheckpointWriter: Sendable {
    private let store: CheckpointStore
    private let queue = DispatchQueue(label: "denju.checkpoints")
    private let failure = Mutex<(any Error)?>(nil)
    private let note: @Sendable (RunEvent) -> Void

    init(_ store: CheckpointStore, note: @escaping @Sendable (RunEvent) -> Void) {
        self.store = store
        self.note = note
    }

    /// Writes a checkpoint and makes the marks name it.
    func save(_ checkpoint: Checkpoint, marks: [String]) {
        queue.async { [self] in
            do {
                let saved = try store.save(checkpoint)
                for warning in saved.warnings { note(.note(warning)) }
                for mark in marks { try store.setMark(mark, to: saved.folder) }
                note(.saved(folder: store.path(of: saved.folder)))
            } catch {
                failure.withLock { $0 = error }
                note(.note("A checkpoint could not be written: \(error)"))
            }
        }
    }

    /// Writes a file of a few bytes once everything given before is on disk.
    func write(_ text: String, to path: String) {
        queue.async { [self] in
            guard failure.withLock({ $0 }) == nil else { return }
            do {
                try LocalFileSystem().replace(path, through: path + ".new") { file in
                    try file.write(Array(text.utf8))
                    try file.synchronize()
                    try file.close()
                }
            } catch {
                failure.withLock { $0 = error }
                note(.note("\(path) could not be written: \(error)"))
            }
        }
    }

    /// Waits until everything is written; throws the last failure, if the last save failed.
    func finish() throws {
        queue.sync {}
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
