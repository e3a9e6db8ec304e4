import Checkpoints
import Files
import Messages
import Tensors
import Training

extension TeacherProvider {
    /// The teacher of a recipe, on a worker; nil if the recipe has none.
    ///
    /// - Parameters:
    ///   - digest: the digest of the teacher's weights, which are in the cache; nil if the coordinator
    ///     has none.
    ///   - note: receives remarks on the knowledge pack.
    init?(
        _ recipe: Recipe, classes: Int, digest: Digest?, cache: String,
        numerics: Numerics.Fingerprint, note: @escaping @Sendable (String) -> Void
    ) throws {
        guard let settings = recipe.teacher else { return nil }
        if let pack = try recipe.completePack(classes: classes) {
            self.init(complete: pack)
            return
        }
        guard let digest, let hash = SHA256(bytes: digest.bytes) else {
            throw WorkerError(
                "The recipe has a teacher, but the coordinator offers none: run the same version "
                    + "of denju on both.")
        }
        let path = TeacherCache.path(of: digest, in: cache)
        let open = { @Sendable in
            try Teacher(
                asset: path, digest: digest.bytes, precision: settings.precision)
        }
        guard settings.knowledge == .auto else {
            self.init(live: try open())
            return
        }
        let contents = try StoredModel.contents(of: path)
        let description = PackDescription(
            origin: .init(
                teacher: hash, classes: classes, numerics: NumericsFingerprint(numerics),
                precision: settings.precision, tool: Version.current),
            network: contents.network, heads: contents.heads)
        let folder =
            settings.pack ?? "\(cache)/knowledge-\(description.origin.digest.hex.prefix(16))"
        self.init(
            growing: try KnowledgePack(
                growing: folder, description, limit: settings.limit, note: note),
            teacher: open)
    }
}
