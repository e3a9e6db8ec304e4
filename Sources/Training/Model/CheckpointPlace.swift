package import Checkpoints
import Foundation

/// One checkpoint, named by its folder, by a folder of checkpoints or by a run's.
package struct CheckpointPlace {
    package let store: CheckpointStore
    package let folder: String

    package init(_ path: String) throws {
        var path = path
        while path.count > 1 && path.hasSuffix("/") { path.removeLast() }
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) else {
            throw ModelError("There is no checkpoint at \(path): check the path.")
        }
        let name = URL(fileURLWithPath: path).lastPathComponent
        if name.hasPrefix("step-") {
            let parent = URL(fileURLWithPath: path).deletingLastPathComponent().path
            store = CheckpointStore(parent)
            folder = name
            return
        }
        let inner = path + "/" + RunFolder.checkpoints
        store = CheckpointStore(manager.fileExists(atPath: inner) ? inner : path)
        guard let newest = try store.folders().max(by: { $0.step < $1.step }) else {
            throw ModelError(
                "\(path) holds no checkpoint: give a run's folder or one of its checkpoints.")
        }
        folder = try store.mark(CheckpointStore.latestMark) ?? newest.name
    }
}
