package import Checkpoints
import Dispatch
import Files
import Synchronization

/// Writes checkpoints one after another on a queue of its own, from values that no longer change, so
/// that training continues meanwhile.
///
/// A write that fails is tried again, with the next one and after a while. At most two checkpoints wait:
/// the newest, and the newest of those that a mark is set to; older ones give way.
package final class CheckpointWriter: Sendable {
    private struct Job {
        let checkpoint: Checkpoint
        let marks: [String]
    }

    private struct State {
        /// The checkpoints to write, by step.
        var jobs: [Job] = []
        /// The texts to write behind them, by path.
        var texts: [String: String] = [:]
        /// The reason why the first of them could not be written; nil if it has not been tried.
        var failure: (any Error)?
        /// Attempts in a row that failed.
        var failedAttempts = 0
        var isRetryDue = false
        var saved: (step: Int, folder: String)?
    }

    private let store: CheckpointStore
    private let queue = DispatchQueue(label: "denju.checkpoints")
    private let state = Mutex(State())
    private let record: @Sendable (RunEvent) -> Void

    /// A writer into a store.
    ///
    /// - Parameter record: receives remarks, and each checkpoint that is on disk; called on the queue.
    package init(_ store: CheckpointStore, record: @escaping @Sendable (RunEvent) -> Void) {
        self.store = store
        self.record = record
    }

    /// The step of the checkpoint that was written last, and its folder; nil for none.
    package var saved: (step: Int, folder: String)? { state.withLock { $0.saved } }

    /// Whether a checkpoint of a step is written or waits to be.
    package func has(step: Int) -> Bool {
        state.withLock { state in
            state.saved?.step == step || state.jobs.contains { $0.checkpoint.state.step == step }
        }
    }

    /// Checkpoints that wait.
    package var waiting: Int { state.withLock { $0.jobs.count } }

    /// Writes a checkpoint and points the marks at it.
    package func save(_ checkpoint: Checkpoint, marks: [String]) {
        state.withLock { state in
            // Each holds a copy of weights and moments: on a full disk they would fill the memory.
            state.jobs.removeAll { $0.marks.isEmpty == marks.isEmpty }
            // In the order of steps, since the one written last is the one that a run is resumed from.
            state.jobs.append(Job(checkpoint: checkpoint, marks: marks))
        }
        queue.async { [self] in writeAll() }
    }

    /// Writes a small file after everything that was passed before is on disk.
    package func write(_ text: String, to path: String) {
        // A file behind a failed checkpoint would state what is not on disk.
        state.withLock { $0.texts[path] = text }
        queue.async { [self] in writeAll() }
    }

    /// Waits until everything is written; throws the failure of what could not be.
    package func finish() throws {
        queue.sync { writeAll() }
        if let error = state.withLock({ $0.failure }) { throw error }
    }

    // MARK: On the queue

    private func writeAll() {
        do {
            while let job = state.withLock({ $0.jobs.first }) { try write(job) }
            while let (path, text) = state.withLock({ $0.texts.first }) { try write(text, path) }
            let hadFailed = state.withLock { state in
                defer { (state.failure, state.failedAttempts) = (nil, 0) }
                return state.failure != nil
            }
            if hadFailed { record(.note("everything that could not be written is on disk now")) }
        } catch {
            recordFailure(error)
        }
    }

    private func write(_ job: Job) throws {
        let saved = try store.save(job.checkpoint)
        for warning in saved.warnings { record(.warning(warning)) }
        for mark in job.marks { try store.setMark(mark, to: saved.folder) }
        let step = job.checkpoint.state.step
        state.withLock { state in
            state.saved = (step, saved.folder)
            // Others may have been added, or have replaced it, meanwhile.
            state.jobs.removeAll {
                $0.checkpoint.state.step == step && $0.marks.isEmpty == job.marks.isEmpty
            }
        }
        record(.saved(folder: store.path(of: saved.folder)))
    }

    private func write(_ text: String, _ path: String) throws {
        do {
            try LocalFileSystem().replace(path, through: path + ".new") { file in
                try file.write(Array(text.utf8))
                try file.synchronize()
                try file.close()
            }
        } catch {
            throw WorkerError("\(path) could not be written: \(error)")
        }
        state.withLock { if $0.texts[path] == text { $0.texts[path] = nil } }
    }

    private func recordFailure(_ error: any Error) {
        let (isNew, delay) = state.withLock { state -> (Bool, Double?) in
            // A disk that stays full is remarked on once.
            let isNew = state.failure == nil
            state.failure = error
            state.failedAttempts += 1
            guard !state.isRetryDue else { return (isNew, nil) }
            state.isRetryDue = true
            return (isNew, min(5 * Double(1 << min(state.failedAttempts - 1, 6)), 300))
        }
        if isNew {
            record(.warning("A checkpoint could not be written and is tried again: \(error)"))
        }
        guard let delay else { return }
        queue.asyncAfter(deadline: .now() + delay) { [weak self] in
            guard let self else { return }
            state.withLock { $0.isRetryDue = false }
            writeAll()
        }
    }
}
