import Datasets
import Files
import Messages
import Training

/// A run's scans as a worker opens them: from its own files, or from the coordinator.
struct WorkerData {
    /// The scans to train on, with the labels that the recipe keeps.
    let training: any SceneSource
    /// The scans to validate on.
    let validation: any SceneSource

    /// Opens the scans of a recipe.
    ///
    /// They come from the coordinator if this machine's files cannot be opened or differ from the
    /// coordinator's, and if `streams` is set.
    ///
    /// - Parameters:
    ///   - digest: the digest of the coordinator's list of scans; nil for generated scans.
    ///   - scenes: fetches the list and the scans.
    ///   - streams: whether the worker's own files are ignored.
    ///   - note: told if the scans come from the coordinator, and why.
    init(
        _ recipe: Recipe, digest: Digest?, scenes: SceneClient, streams: Bool,
        note: (String) -> Void
    ) throws {
        guard let digest else {
            self = try Self(local: recipe)
            return
        }
        // The weights' bits depend on the scans: files other than the coordinator's must not be used,
        // also if they open without an error.
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
                    "the scans in \(recipe.data.path ?? "the data's folder") differ from the "
                        + "coordinator's: they are fetched from the coordinator")
            } catch {
                note("scans are fetched from the coordinator: \(error)")
            }
        }
        let list = try DataDescription(bytes: scenes.list(digest))
        training = try SourceCatalogue.labelled(
            StreamedScenes(list.training, split: .training, from: scenes), recipe.data,
            split: .training)
        validation = StreamedScenes(list.validation, split: .validation, from: scenes)
    }

    private init(local recipe: Recipe) throws {
        training = try SourceCatalogue.open(recipe.data, split: .training)
        validation = try SourceCatalogue.open(recipe.data, split: .validation)
    }
}
