/// What became of a save.
package struct SavedCheckpoint: Sendable {
    /// The name of the checkpoint's folder in the store.
    package var folder: String
    /// Its files, the manifest included.
    package var files: [FileSummary]
    /// The older checkpoints that were removed.
    package var removed: [String]
    /// What went wrong after the checkpoint was safe: a sentence each.
    package var warnings: [String]

    /// Its size in bytes.
    package var byteCount: Int { files.reduce(0) { $0 + $1.size } }
}

extension CheckpointStore {
    /// Writes a checkpoint, durably: when it returns, a crash of the machine does not lose it.
    ///
    /// Whatever happens on the way, older checkpoints stay as they are, and nothing unfinished
    /// stands under a final name. An older checkpoint of the same step is replaced. May run on any
    /// thread. Costs one pass over the numbers for hashing and writing, and one wait for the disk
    /// for each file.
    package func save(_ checkpoint: Checkpoint) throws -> SavedCheckpoint {
        let name = FolderName.finished(checkpoint.state.step)
        for group in checkpoint.extras.keys where !CheckpointStore.isGroupName(group) {
            throw CheckpointError(
                "“\(group)” cannot name a group of tensors: use small letters, digits, “-” and “_”, and neither “model” nor “optimizer”."
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
                "The checkpoint \(path(of: name)) is safe, but tidying up after it failed: \(error)"
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
        // A folder with files in it cannot be renamed over; the one in the way steps aside, and
        // whoever loads in between finds it there.
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
        if let aside { try? removeUnseen(aside) }
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

    // MARK: - Room

    private func checkSpace(for groups: [Shards], of name: String) throws {
        guard let available = try fileSystem.availableBytes(in: directory) else { return }
        // Names and shapes stand in a header and an index, the rest is small.
        let tensors = groups.reduce(0) { $0 + $1.files.joined().count }
        let needed = groups.reduce(0) { $0 + $1.byteCount } + tensors * 512 + 1 << 18
        guard needed <= available else {
            throw CheckpointError(
                "\(directory) has room for \(ByteCount(available)), but the checkpoint \(name) takes about \(ByteCount(needed)): free some space, or keep fewer checkpoints."
            )
        }
    }

    private func removeOld(keeping name: String) throws -> [String] {
        let folders = try folders()
        var kept: Set<String> = [name]
        for mark in try fileSystem.names(in: directory) where FolderName(mark) == nil {
            if let folder = try self.mark(mark) { kept.insert(folder) }
        }
        // The one just saved counts as the newest, even if others have a higher step.
        let others = folders.filter { $0.name != name }
        kept.formUnion(others.prefix(retention.keepLast - 1).map(\.name))
        for left in try fileSystem.names(in: directory) {
            // Set aside by an earlier save that was cut short, and replaced by now.
            guard let parsed = FolderName(left), parsed.ending == .replaced,
                folders.contains(where: { $0.name == FolderName.finished(parsed.step) })
            else { continue }
            try removeUnseen(left)
        }
        var removed: [String] = []
        for folder in others where !kept.contains(folder.name) {
            if let every = retention.keepEvery, folder.step % every == 0 { continue }
            try removeUnseen(folder.name)
            removed.append(folder.name)
        }
        return removed
    }

    /// Removes a checkpoint under a name nobody reads, so that half of one never stands under a
    /// name of its own.
    private func removeUnseen(_ name: String) throws {
        let step = name.prefix { $0 != "." }
        let doomed = step + "." + TemporaryName.make(FolderName.temporaryPrefix)
        try fileSystem.rename(path(of: name), to: path(of: String(doomed)))
        try remove(String(doomed))
    }
}

/// A number of bytes for people to read.
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

/// The file that holds the state.
enum StateFile {
    static let name = "state.json"
    /// No state of ours comes near this size.
    static let maximumSize = 16_000_000
}
