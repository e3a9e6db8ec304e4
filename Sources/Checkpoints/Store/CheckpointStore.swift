package import Files

/// The rule for removing older checkpoints after saving a new one.
package struct Retention: Sendable, Equatable {
    /// The number of newest checkpoints that are kept; at least 1.
    package var keepLast: Int
    /// Checkpoints of steps that are multiples of this number are kept permanently; nil for none.
    package var keepEvery: Int?

    /// A rule.
    package init(keepLast: Int = 3, keepEvery: Int? = nil) {
        precondition(keepLast >= 1 && keepEvery ?? 1 >= 1, "At least one checkpoint is kept.")
        self.keepLast = keepLast
        self.keepEvery = keepEvery
    }

    /// The rule that keeps all checkpoints.
    package static let keepAll = Retention(keepLast: .max)
}

/// A folder of checkpoints: `step-00001200`, …, and marks such as `latest` that name one of them.
///
/// A checkpoint is written under a temporary name, made durable and then renamed, so that a folder
/// with a final name is complete at every moment, also after a crash. Only one process may save
/// into a store at a time; any number may read.
package struct CheckpointStore: Sendable {
    /// The folder.
    package let directory: String
    /// The most bytes of values in a file; a larger tensor has a file of its own.
    package var shardBytes: Int
    /// The rule for removing older checkpoints.
    package var retention: Retention

    let fileSystem: any FileSystem

    /// The mark of the checkpoint saved last.
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

    /// The path of a checkpoint with the given folder name.
    package func path(of folder: String) -> String { directory + "/" + folder }

    // MARK: - Preparing

    /// Creates the store's folder if necessary, and removes the remains of interrupted saves.
    ///
    /// The process that saves calls this once before its first save. Returns a sentence for each
    /// removed file or folder.
    package func prepare() throws -> [String] {
        try fileSystem.createDirectories(directory)
        var remarks: [String] = []
        let names = try fileSystem.names(in: directory)
        for name in names {
            let isLeftover: Bool
            if let folder = FolderName(name) {
                // A crash between the two renames of a replacement leaves only the older
                // checkpoint.
                isLeftover =
                    folder.ending == .temporary
                    || folder.ending == .replaced
                        && names.contains(FolderName.finished(folder.step))
            } else {
                isLeftover = isTemporaryMark(name)
            }
            guard isLeftover else { continue }
            try remove(name)
            remarks.append("Removed \(path(of: name)), which an interrupted save left behind.")
        }
        if !remarks.isEmpty { try fileSystem.synchronizeDirectory(directory) }
        return remarks
    }

    private func isTemporaryMark(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 2 && TemporaryName.isEnding(parts[1], FolderName.temporaryPrefix)
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

    /// Sets a mark (such as `best`) to a checkpoint, durably and in one step.
    ///
    /// Marked checkpoints are not removed.
    package func setMark(_ mark: String, to folder: String) throws {
        precondition(Manifest.isPlain(mark) && !mark.contains(".") && FolderName(mark) == nil)
        let temporary = mark + "." + TemporaryName.make(FolderName.temporaryPrefix)
        try fileSystem.replace(path(of: mark), through: path(of: temporary)) { file in
            var hashed = HashedFile(file)
            try hashed.write(Array((folder + "\n").utf8))
            _ = try hashed.finish(name: mark)
        }
    }

    /// The folder that a mark names; nil without such a mark, or if it does not name a checkpoint.
    package func mark(_ mark: String) throws -> String? {
        // Any file may lie in the folder: only one that holds a checkpoint's name is a mark.
        guard try fileSystem.kind(of: path(of: mark)) == .file,
            let bytes = try? fileSystem.contents(of: path(of: mark), limit: 256),
            let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n"),
            FolderName(String(text.dropLast()))?.ending == FolderName.Ending.none
        else { return nil }
        return String(text.dropLast())
    }
}
