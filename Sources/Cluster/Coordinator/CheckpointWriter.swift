import Checkpoints
import Dispatch
import Synchronization

/// Writes checkpoints one after another on a thread of its own, from values that no longer change,
/// so that training goes on meanwhile.
final class CheckpointWriter: Sendable {
    private let store: CheckpointStore
    private let queue = DispatchQueue(label: "denju.checkpoints")
    private let failure = Mutex<(any Error)?>(nil)
    private let lastStep = Mutex<Int>(-1)
    private let note: @Sendable (RunEvent) -> Void

    init(_ store: CheckpointStore, note: @escaping @Sendable (RunEvent) -> Void) {
        self.store = store
        self.note = note
    }

    /// Writes a checkpoint, unless that step's is there already, and makes the marks name it.
    func save(_ checkpoint: Checkpoint, marks: [String]) {
        queue.async { [self] in
            do {
                let step = checkpoint.state.step
                let saved = try store.save(checkpoint)
                for warning in saved.warnings { note(.note(warning)) }
                for mark in marks { try store.setMark(mark, to: saved.folder) }
                lastStep.withLock { $0 = step }
                note(.saved(folder: store.path(of: saved.folder)))
            } catch {
                failure.withLock { $0 = error }
                note(.note("A checkpoint could not be written: \(error)"))
            }
        }
    }

    /// Waits until everything is written; throws the last failure, if the last save failed.
    func finish() throws {
        queue.sync {}
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
