package import Checkpoints
import Foundation

/// Location of a model on disk: a run's folder, a folder of checkpoints, one checkpoint, or a
/// safetensors file.
///
/// Every command and section that takes such a path resolves it here, so all accept the same paths and
/// refuse others in the same words.
package struct ModelLocation {
    /// The kinds of places.
    package enum Kind {
        /// One file.
        case file
        /// One checkpoint.
        case checkpoint(CheckpointLocation)
        /// A run, or a folder of checkpoints.
        case checkpoints(CheckpointStore)
    }

    /// The path as it was given.
    package let path: String
    /// The kind of place.
    package let kind: Kind

    /// Resolves a path; throws one sentence if nothing is there.
    package init(_ path: String) throws(ModelError) {
        self.path = path
        var trimmed = path
        // Shell completion appends a slash, which would hide the name of a checkpoint's folder.
        while trimmed.count > 1 && trimmed.hasSuffix("/") { trimmed.removeLast() }
        let type = try? FileManager.default.attributesOfItem(atPath: trimmed)[.type]
        guard let type = type as? FileAttributeType else {
            throw Self.error("There is no model at \(path)")
        }
        if type == .typeSymbolicLink {
            trimmed = URL(fileURLWithPath: trimmed).resolvingSymlinksInPath().path
        }
        let name = String(trimmed.split(separator: "/").last ?? "/")
        // Foundation's function for the parent of a path crashes on ".".
        let parent = trimmed.lastIndex(of: "/").map { String(trimmed[..<$0]) }
        let store = CheckpointStore(parent.map { $0.isEmpty ? "/" : $0 } ?? ".")
        // The dot exists in folders alone.
        guard FileManager.default.fileExists(atPath: trimmed + "/.") else {
            // `checkpoints/best` and `checkpoints/latest` hold the name of a checkpoint beside them.
            let marks = [RunFolder.bestMark, CheckpointStore.latestMark]
            let marked = marks.contains(name) ? try? store.mark(name) : nil
            kind = marked.map { .checkpoint(.init(store: store, folder: $0)) } ?? .file
            return
        }
        // A checkpoint that was copied under another name is still one.
        if FileManager.default.fileExists(atPath: trimmed + "/MANIFEST.json")
            || name.hasPrefix("step-")
        {
            kind = .checkpoint(CheckpointLocation(store: store, folder: name))
        } else {
            let inner = trimmed + "/" + RunFolder.checkpoints
            let isRun = FileManager.default.fileExists(atPath: inner)
            kind = .checkpoints(CheckpointStore(isRun ? inner : trimmed))
        }
    }

    /// The checkpoint itself, or the newest one of a run or folder.
    package func newestCheckpoint() throws -> CheckpointLocation {
        switch kind {
        case .file: throw Self.error("\(path) is a file, not a checkpoint")
        case .checkpoint(let location): return location
        case .checkpoints(let store):
            guard let newest = try store.folders().max(by: { $0.step < $1.step }) else {
                throw Self.error("\(path) holds no checkpoint")
            }
            return CheckpointLocation(
                store: store, folder: try store.mark(CheckpointStore.latestMark) ?? newest.name)
        }
    }

    /// The checkpoint itself; of a run or folder the best one, else the newest intact one.
    ///
    /// - Returns: the checkpoint, and warnings about damaged ones that were skipped.
    package func bestCheckpoint() throws -> (checkpoint: Checkpoint, warnings: [String]) {
        switch kind {
        case .file: throw Self.error("\(path) is a file, not a checkpoint")
        case .checkpoint(let location): return (try location.store.load(location.folder), [])
        case .checkpoints(let store):
            var warnings: [String] = []
            if let folder = try store.mark(RunFolder.bestMark) {
                do {
                    return (try store.load(folder), [])
                } catch {
                    warnings = [
                        "The best checkpoint is damaged, the newest intact one is used: \(error)"
                    ]
                }
            }
            guard let newest = try store.latestGood() else {
                throw Self.error("\(path) holds no checkpoint that can be used")
            }
            return (newest.checkpoint, warnings + newest.warnings)
        }
    }

    /// Whether a path is a folder with checkpoints, or one of them.
    package static func isFolder(at path: String) -> Bool {
        [RunFolder.checkpoints, "MANIFEST.json", CheckpointStore.latestMark].contains {
            FileManager.default.fileExists(atPath: path + "/" + $0)
        }
    }

    private static func error(_ reason: String) -> ModelError {
        ModelError(
            "\(reason): give a run's folder, one of its checkpoints or a .safetensors file.")
    }
}

/// One checkpoint: its folder's name and the store it belongs to.
package struct CheckpointLocation {
    /// The store.
    package let store: CheckpointStore
    /// The name of the checkpoint's folder.
    package let folder: String
}
