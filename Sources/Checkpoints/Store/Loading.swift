import Files
internal import Tensors

/// The folder of a checkpoint in a store.
package struct CheckpointFolder: Sendable, Equatable {
    /// The folder's name, such as `step-00001200`.
    package var name: String
    /// The step in the name.
    package var step: Int
    /// The epoch of the coordinator that saved the checkpoint; nil if its state cannot be read.
    package var epoch: UInt64?
}

/// The newest intact checkpoint.
package struct LoadedCheckpoint: Sendable {
    /// The checkpoint.
    package var checkpoint: Checkpoint
    /// The name of the checkpoint's folder.
    package var folder: String
    /// A sentence for each newer checkpoint that is damaged; users must see them.
    package var warnings: [String]
}

extension CheckpointStore {
    /// The checkpoints of the store, newest first; empty if the store does not exist.
    ///
    /// Checkpoints are ordered by epoch, then by step: after a run has continued from an older
    /// checkpoint, the abandoned later steps count as older. Checkpoints whose state cannot be read
    /// come first, so that loading reports them.
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

    /// Loads the newest intact checkpoint, with a warning for each newer damaged one.
    ///
    /// Returns nil if there are no checkpoints; throws if all are damaged.
    package func latestGood() throws -> LoadedCheckpoint? {
        var warnings: [String] = []
        // A network file system may list folders that another machine has removed or renamed since:
        // another listing then shows what took their place.
        listings: for listing in 1...Self.listings {
            warnings = []
            for folder in try folders() {
                do {
                    let checkpoint = try load(folder.name)
                    return LoadedCheckpoint(
                        checkpoint: checkpoint, folder: folder.name, warnings: warnings)
                } catch {
                    let isGone = (error as? FileError)?.isGone ?? false
                    if isGone, listing < Self.listings { continue listings }
                    warnings.append(
                        "The checkpoint \(path(of: folder.name)) is damaged and was skipped: \(error)"
                    )
                }
            }
            break
        }
        guard warnings.isEmpty else {
            throw CheckpointError(
                "No checkpoint in \(directory) can be used. " + warnings.joined(separator: " "))
        }
        return nil
    }

    /// The most listings of the folder in search of a checkpoint.
    private static var listings: Int { 4 }

    /// Verifies and loads a checkpoint.
    ///
    /// Reads the files twice: for their digests, then for the tensors.
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

    /// The state of a checkpoint; its other files are not read.
    package func state(of folder: String) throws -> CheckpointState {
        let path = path(of: folder) + "/" + StateFile.name
        let bytes = try fileSystem.contents(of: path, limit: StateFile.maximumSize)
        return try CheckpointState(decoding: bytes, path: path)
    }

    func shards(of group: String, in folder: String) throws -> ShardedFiles {
        try ShardedFiles(
            folder: path(of: folder), index: group + Shards.indexSuffix, in: fileSystem)
    }

    /// The groups of tensors of a checkpoint: the student, the optimiser, then the others by name.
    func groupNames(in files: [FileSummary]) -> [String] {
        let names = files.map(\.name).filter { $0.hasSuffix(Shards.indexSuffix) }
            .map { String($0.dropLast(Shards.indexSuffix.count)) }
        let first = [Checkpoint.modelGroup, Checkpoint.optimizerGroup]
        let others = names.filter { !first.contains($0) }
        return first + others.sorted(by: WeightsDigest.precedes)
    }
}
