internal import Tensors

/// A checkpoint in a store, by the name of its folder.
package struct CheckpointFolder: Sendable, Equatable {
    /// The folder's name: `step-00001200`.
    package var name: String
    /// The step in its name.
    package var step: Int
    /// How often a coordinator had taken up the run when it was saved; nil if its state cannot be
    /// read.
    package var epoch: UInt64?
}

/// The newest checkpoint that is whole.
package struct LoadedCheckpoint: Sendable {
    /// The checkpoint.
    package var checkpoint: Checkpoint
    /// The name of its folder in the store.
    package var folder: String
    /// Which newer ones could not be used and why: a sentence each, to be said loudly.
    package var warnings: [String]
}

extension CheckpointStore {
    /// The checkpoints of the store, the newest first; none if the store does not exist.
    ///
    /// Newer is what a later coordinator saved, and of one coordinator what has the higher step:
    /// after a return to an older checkpoint, those of the abandoned future are older. One whose
    /// state cannot be read comes first, so that it is looked at and spoken of.
    package func folders() throws -> [CheckpointFolder] {
        guard try fileSystem.kind(of: directory) != nil else { return [] }
        let names = try fileSystem.names(in: directory)
        var folders: [CheckpointFolder] = []
        for name in names {
            guard let parsed = FolderName(name), parsed.ending != .temporary else { continue }
            if parsed.ending == .replaced && names.contains(FolderName.finished(parsed.step)) {
                continue
            }
            let epoch = try? state(of: name).epoch
            folders.append(CheckpointFolder(name: name, step: parsed.step, epoch: epoch))
        }
        return folders.sorted {
            ($0.epoch ?? .max, $0.step, $0.name) > ($1.epoch ?? .max, $1.step, $1.name)
        }
    }

    /// The newest checkpoint that is whole, with a warning for each newer one that is not.
    ///
    /// Nil if there are no checkpoints; an error if there are some and none can be used.
    package func latestGood() throws -> LoadedCheckpoint? {
        var warnings: [String] = []
        for folder in try folders() {
            do {
                let checkpoint = try load(folder.name)
                return LoadedCheckpoint(
                    checkpoint: checkpoint, folder: folder.name, warnings: warnings)
            } catch {
                warnings.append(
                    "The checkpoint \(path(of: folder.name)) is damaged and was passed over: \(error)"
                )
            }
        }
        guard warnings.isEmpty else {
            throw CheckpointError(
                "No checkpoint in \(directory) can be used. " + warnings.joined(separator: " "))
        }
        return nil
    }

    /// Reads one checkpoint, after all its files have been verified.
    ///
    /// Costs a pass over its bytes for their digests and one for the numbers.
    package func load(_ folder: String) throws -> Checkpoint {
        let report = verify(folder)
        if let problem = report.problems.first { throw problem }
        var checkpoint = Checkpoint(
            state: try state(of: folder), model: Weights(), optimizer: Weights())
        for group in groupNames(in: report.files) {
            let weights = try shards(of: group, in: folder).weights()
            switch group {
            case Checkpoint.modelGroup: checkpoint.model = weights
            case Checkpoint.optimizerGroup: checkpoint.optimizer = weights
            default: checkpoint.extras[group] = weights
            }
        }
        return checkpoint
    }

    /// The state of a checkpoint, without a look at its other files.
    package func state(of folder: String) throws -> CheckpointState {
        let path = path(of: folder) + "/" + StateFile.name
        let bytes = try fileSystem.contents(of: path, limit: StateFile.maximumSize)
        return try CheckpointState(decoding: bytes, path: path)
    }

    func shards(of group: String, in folder: String) throws -> ShardedFiles {
        try ShardedFiles(
            folder: path(of: folder), index: group + Shards.indexSuffix, in: fileSystem)
    }

    /// The groups of tensors a checkpoint has: the student, the optimiser, the others by name.
    func groupNames(in files: [FileSummary]) -> [String] {
        let names = files.map(\.name).filter { $0.hasSuffix(Shards.indexSuffix) }
            .map { String($0.dropLast(Shards.indexSuffix.count)) }
        let first = [Checkpoint.modelGroup, Checkpoint.optimizerGroup]
        let others = names.filter { !first.contains($0) }
        return first + others.sorted(by: WeightsDigest.precedes)
    }
}
