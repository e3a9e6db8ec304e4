/// Which checkpoints stay when a new one has been saved.
package struct Retention: Sendable, Equatable {
    /// How many of the newest stay; at least 1.
    package var keepLast: Int
    /// Of which steps the checkpoints stay for good: the multiples of this number; none if nil.
    package var keepEvery: Int?

    /// A rule.
    package init(keepLast: Int = 3, keepEvery: Int? = nil) {
        precondition(keepLast >= 1 && keepEvery ?? 1 >= 1, "At least one checkpoint is kept.")
        self.keepLast = keepLast
        self.keepEvery = keepEvery
    }

    /// Nothing is ever removed.
    package static let keepAll = Retention(keepLast: .max)
}

/// A folder of checkpoints: `step-00001200`, …, and marks such as `latest` that name one of them.
///
/// A checkpoint is written beside its final name, made durable and only then renamed, so that at
/// every moment, crashes included, what stands under a final name is complete. Only one process
/// may save into a folder at a time; any number may read.
package struct CheckpointStore: Sendable {
    /// The folder.
    package let directory: String
    /// How many bytes of numbers a file may have; a larger tensor has a file of its own.
    package var shardBytes: Int
    /// Which checkpoints stay.
    package var retention: Retention

    let fileSystem: any FileSystem

    /// The mark that names the checkpoint saved last.
    package static let latestMark = "latest"

    /// The checkpoints in a folder, which need not exist yet.
    package init(
        _ directory: String, shardBytes: Int = 64 << 20, retention: Retention = Retention(),
        fileSystem: any FileSystem = LocalFileSystem()
    ) {
        precondition(shardBytes > 0, "A file cannot have \(shardBytes) bytes.")
        self.directory = directory
        self.shardBytes = shardBytes
        self.retention = retention
        self.fileSystem = fileSystem
    }

    /// The path of one of its checkpoints, by the name of its folder.
    package func path(of folder: String) -> String { directory + "/" + folder }

    // MARK: - Beginning

    /// Makes the folder if there is none and removes what saves that were cut short left behind.
    ///
    /// To be called once, by the process that will save, before it saves. Returns a sentence for
    /// each thing removed.
    package func prepare() throws -> [String] {
        try fileSystem.createDirectories(directory)
        var remarks: [String] = []
        let names = try fileSystem.names(in: directory)
        for name in names {
            let isLeftover: Bool
            if let folder = FolderName(name) {
                // One that was set aside goes only if the one that took its place is there.
                isLeftover =
                    folder.ending == .temporary
                    || folder.ending == .replaced
                        && names.contains(FolderName.finished(folder.step))
            } else {
                isLeftover = isTemporaryMark(name)
            }
            guard isLeftover else { continue }
            try remove(name)
            remarks.append("Removed \(path(of: name)), left behind by a save that was cut short.")
        }
        if !remarks.isEmpty { try fileSystem.synchronizeDirectory(directory) }
        return remarks
    }

    private func isTemporaryMark(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[1].hasPrefix(FolderName.temporaryPrefix + "-")
    }

    /// Removes a file or folder of the store.
    func remove(_ name: String) throws {
        let path = path(of: name)
        if try fileSystem.kind(of: path) == .directory {
            try fileSystem.removeTree(path)
        } else {
            try fileSystem.removeFile(path)
        }
    }

    // MARK: - Marks

    /// Makes a mark (`best`) name one of the checkpoints, durably and in one step; a marked
    /// checkpoint is kept whatever the retention says.
    package func setMark(_ mark: String, to folder: String) throws {
        precondition(Manifest.isPlain(mark) && !mark.contains(".") && FolderName(mark) == nil)
        let temporary = mark + "." + TemporaryName.make(FolderName.temporaryPrefix)
        try fileSystem.replace(path(of: mark), through: path(of: temporary)) { file in
            var hashed = HashedFile(file)
            try hashed.write(Array((folder + "\n").utf8))
            _ = try hashed.finish(name: mark)
        }
    }

    /// The folder a mark names; nil if there is no such mark or it names nothing of ours.
    package func mark(_ mark: String) throws -> String? {
        guard try fileSystem.kind(of: path(of: mark)) == .file,
            let bytes = try? fileSystem.contents(of: path(of: mark), limit: 256),
            let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n"),
            FolderName(String(text.dropLast()))?.ending == FolderName.Ending.none
        else { return nil }
        return String(text.dropLast())
    }
}
