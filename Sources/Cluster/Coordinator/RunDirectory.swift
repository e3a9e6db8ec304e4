import Checkpoints
import Foundation
import Training

/// The folder of a run, held by one coordinator: checkpoints, and the files beside them.
final class RunDirectory {
    let path: String
    let store: CheckpointStore
    private let writer: CheckpointWriter
    // Released with the process, however it ends.
    private let lock: RunLock?

    /// Takes a folder, and removes what an earlier coordinator has left that ended abruptly.
    ///
    /// Throws ``WorkerError`` if it holds a run that is not to be resumed, or another coordinator
    /// holds it.
    init(
        _ path: String, retention: Retention, resume: Bool,
        record: @escaping @Sendable (RunEvent) -> Void
    ) throws {
        self.path = path
        store = CheckpointStore(path + "/" + RunFolder.checkpoints, retention: retention)
        writer = CheckpointWriter(store, record: record)
        guard try resume || store.folders().isEmpty else {
            throw WorkerError(
                "\(path) already holds a run: go on with --resume, or choose another folder.")
        }
        lock = try RunLock(path) { record(.warning($0)) }
        // Workers and probes would read that the earlier coordinator still listens and advances.
        for name in [RunFolder.address, RunFolder.progress] {
            try? FileManager.default.removeItem(atPath: path + "/" + name)
        }
        for line in try store.prepare() { record(.warning(line)) }
    }

    /// Writes the files that describe a run: features, the card of its data, labelled scans and the recipe.
    func describe(_ data: TrainingData, _ recipe: Recipe) throws {
        try data.recipe.featuresJSON.write(
            toFile: path + "/" + RunFolder.features, atomically: true, encoding: .utf8)
        // The run can then be used to label other scans where its own are not.
        try data.cardJSON.write(
            toFile: path + "/" + RunFolder.card, atomically: true, encoding: .utf8)
        if let names = data.labelledNames {
            try (names.joined(separator: "\n") + "\n").write(
                toFile: path + "/" + RunFolder.labelled, atomically: true, encoding: .utf8)
        }
        try recipe.text.write(
            toFile: path + "/" + RunFolder.recipe, atomically: true, encoding: .utf8)
    }

    /// The version that was validated last; nil if none is recorded.
    var validatedVersion: Int? {
        guard
            let text = try? String(
                contentsOfFile: path + "/" + RunFolder.validated, encoding: .utf8)
        else { return nil }
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }

    /// Records that a version was validated, after the checkpoints that are still being written.
    func recordValidation(of version: Int) {
        // In the queue behind the best checkpoint: after a crash between the two, the validation is
        // repeated, which changes nothing.
        writer.write("\(version)\n", to: path + "/" + RunFolder.validated)
    }

    /// Writes a checkpoint in the background.
    func save(_ checkpoint: Checkpoint, asBest: Bool) {
        writer.save(checkpoint, marks: asBest ? [RunFolder.bestMark] : [])
    }

    /// Whether a checkpoint of a version is on disk or is being written.
    func hasCheckpoint(of version: Int) -> Bool { writer.has(step: version) }

    /// The path of the checkpoint that was written last; nil if this coordinator has written none.
    var lastCheckpoint: String? { writer.saved.map { store.path(of: $0.folder) } }

    /// Waits until everything is on disk; throws the failure of what could not be written.
    func finishSaving() throws { try writer.finish() }
}
