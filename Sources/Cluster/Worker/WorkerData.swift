import Checkpoints
import Datasets
import Messages
import Training

/// A run's scans as a worker has them: from its own files, or from the coordinator.
struct WorkerData {
    /// What is trained on, with the labels that the recipe leaves.
    let training: any SceneSource
    /// What is validated on.
    let validation: any SceneSource

    /// Opens the scans of a recipe.
    ///
    /// They come from the coordinator where they cannot be opened here, where other scans lie in their
    /// place than the coordinator has, and where that is asked for.
    ///
    /// - Parameters:
    ///   - digest: of the coordinator's list of scans; nil where scans are made, not read.
    ///   - courier: brings the list and the scans.
    ///   - streams: whether the worker's own files are left alone.
    ///   - note: told where the scans come from, if not from here.
    init(
        _ recipe: Recipe, digest: Digest?, courier: SceneClient, streams: Bool,
        note: (String) -> Void
    ) throws {
        guard let digest else {
            self = try Self(local: recipe)
            return
        }
        if !streams {
            do {
                let local = try Self(local: recipe)
                let list = try DataDescription(
                    training: local.training, validation: local.validation
                ).bytes
                if BLAKE2b(of: list).bytes == digest.bytes {
                    self = local
                    return
                }
                note(
                    "other scans lie in \(recipe.data.path ?? "the data's place") than the "
                        + "coordinator has: they come from there")
            } catch {
                note("scans come from the coordinator: \(error)")
            }
        }
        let list = try DataDescription(bytes: courier.list(digest))
        training = try SourceCatalogue.labelled(
            StreamedScenes(list.training, split: .training, from: courier), recipe.data,
            split: .training)
        validation = StreamedScenes(list.validation, split: .validation, from: courier)
    }

    private init(local recipe: Recipe) throws {
        training = try SourceCatalogue.open(recipe.data, split: .training)
        validation = try SourceCatalogue.open(recipe.data, split: .validation)
    }
}
