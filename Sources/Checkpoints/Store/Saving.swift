package import Files

/// The result of saving a checkpoint.
package struct SavedCheckpoint: Sendable {
    /// The name of the checkpoint's folder in the store.
    package var folder: String
    /// The checkpoint's files, with the manifest.
    package var files: [FileSummary]
    /// The older checkpoints that were removed.
    package var removed: [String]
    /// A sentence for each error after the checkpoint was durable.
    package var warnings: [String]

    /// The checkpoint's size in bytes.
    package var byteCount: Int { files.reduce(0) { $0 + $1.size } }
}

extension CheckpointStore {
    /// Writes a checkpoint durably: once the call returns, a crash does not lose it.
    ///
    /// If the call fails, older checkpoints are unchanged, and no incomplete checkpoint has a final
    /// name. A checkpoint of the same step is replaced. May run on any thread. Costs one pass over
    /// the values for hashing and writing, and one wait for the disk per file.
    package func save(_ checkpoint: Checkpoint) throws -> SavedCheckpoint {
        let name = FolderName.finished(checkpoint.state.step)
        for group in checkpoint.extras.keys where !CheckpointStore.isGroupName(group) {
            throw CheckpointError(
                "“\(group)” cannot name a group of tensors: use lower-case letters, digits, “-” and “_”, and neither “model” nor “optimizer”."
            )
        }
        let state = try checkpoint.state.encoded(path: path(of: name) + "/" + StateFile.name)
        let groups = checkpoint.groups.map {
            Shards(group: $0.name, weights: $0.weights, limit: shardBytes)
        }
        try fileSystem.createDirectories(directory)
        try checkSpace(for: groups, of: name)

        let temporary = name + "." + TemporaryName.make(FolderName.temporaryPrefix)
        let files: [FileSummary]
        do {
            files = try write(groups, state: state, into: path(of: temporary))
            try moveIntoPlace(temporary, as: name)
        } catch {
            try? remove(temporary)
            throw error
        }

        var saved = SavedCheckpoint(folder: name, files: files, removed: [], warnings: [])
        do {
            try setMark(CheckpointStore.latestMark, to: name)
            saved.removed = try removeOld(keeping: name)
        } catch {
            saved.warnings.append(
                "The checkpoint \(path(of: name)) is saved, but marking it or removing older ones failed: \(error)"
            )
        }
        return saved
    }

    private func write(
        _ groups: [Shards], state: [UInt8], into folder: String
    ) throws -> [FileSummary] {
        try fileSystem.createDirectory(folder)
        var files = try groups.flatMap { try $0.write(into: folder, in: fileSystem) }
        files.append(try write(state, to: StateFile.name, in: folder))
        let manifest = Manifest(files)
        files.append(try write(manifest.encoded, to: Manifest.fileName, in: folder))
        try fileSystem.synchronizeDirectory(folder)
        return files
    }

    private func write(
        _ bytes: [UInt8], to name: String, in folder: String
    ) throws -> FileSummary {
        var file = HashedFile(try fileSystem.create(folder + "/" + name))
        try file.write(bytes)
        return try file.finish(name: name)
    }

    private func moveIntoPlace(_ temporary: String, as name: String) throws {
        // A folder with files cannot be replaced by renaming. The existing one is renamed first:
        // a reader between the two renames still finds it.
        var aside: String?
        if try fileSystem.kind(of: path(of: name)) != nil {
            let replaced = name + "." + TemporaryName.make(FolderName.replacedPrefix)
            try fileSystem.rename(path(of: name), to: path(of: replaced))
            aside = replaced
        }
        do {
            try fileSystem.rename(path(of: temporary), to: path(of: name))
        } catch {
            if let aside { try? fileSystem.rename(path(of: aside), to: path(of: name)) }
            throw error
        }
        try fileSystem.synchronizeDirectory(directory)
        if let aside { try? removeRenamed(aside) }
    }

    private static func isGroupName(_ name: String) -> Bool {
        let isPlain = name.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        return isPlain && !name.isEmpty && name.utf8.count <= 64
            && name != Checkpoint.modelGroup && name != Checkpoint.optimizerGroup
    }

    // MARK: - Older checkpoints

    private func removeOld(keeping name: String) throws -> [String] {
        let folders = try folders()
        var kept: Set<String> = [name]
        for mark in try fileSystem.names(in: directory) where FolderName(mark) == nil {
            if let folder = try self.mark(mark) { kept.insert(folder) }
        }
        // The checkpoint just saved is the newest, even if abandoned ones have a higher step.
        let others = folders.filter { $0.name != name }
        kept.formUnion(others.prefix(retention.keepLast - 1).map(\.name))
        for left in try fileSystem.names(in: directory) {
            // An interrupted save renamed it; a checkpoint of its step exists again.
            guard let parsed = FolderName(left), parsed.ending == .replaced,
                folders.contains(where: { $0.name == FolderName.finished(parsed.step) })
            else { continue }
            try removeRenamed(left)
        }
        var removed: [String] = []
        for folder in others where !kept.contains(folder.name) {
            if let every = retention.keepEvery, folder.step % every == 0 { continue }
            try removeRenamed(folder.name)
            removed.append(folder.name)
        }
        return removed
    }

    /// Renames a checkpoint to a temporary name, then removes it.
    private func removeRenamed(_ name: String) throws {
        // Removing takes several operations; a crash must not leave half of a checkpoint under a
        // final name.
        let step = name.prefix { $0 != "." }
        let doomed = step + "." + TemporaryName.make(FolderName.temporaryPrefix)
        try fileSystem.rename(path(of: name), to: path(of: String(doomed)))
        try remove(String(doomed))
    }
}

/// A number of bytes, printed with a unit.
struct ByteCount: CustomStringConvertible {
    let bytes: Int

    init(_ bytes: Int) { self.bytes = bytes }

    var description: String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = bytes
        var unit = 0
        while value >= 1_000_000 && unit < units.count - 2 {
            value /= 1000
            unit += 1
        }
        if value < 1000 { return "\(value) \(units[unit])" }
        return "\(value / 1000).\(value % 1000 / 100) \(units[unit + 1])"
    }
}

/// The file of a checkpoint's state.
enum StateFile {
    static let name = "state.json"
    // Far above the size of any state; limits memory for damaged or foreign files.
    static let maximumSize = 16_000_000
}
