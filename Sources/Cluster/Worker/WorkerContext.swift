import Datasets
import Distillation
import Files
package import Messages
import Networks
package import Tensors
package import Training

/// The data, networks and objectives of a run, opened by a worker that takes part in it.
package struct WorkerContext: Sendable {
    let recipe: Recipe
    let data: WorkerData
    package let context: ShardContext
    package let training: ExampleLoader
    let validation: ExampleLoader
    let order: DataOrder
    /// The number of steps of the run.
    private let steps: Int
    /// Micro-shards per step.
    package let shards: Int
    /// The numbering of weights in messages.
    let parts: WeightsParts
    /// The precision of gradients in messages.
    package let wire: GradientWire

    /// Opens the run that a welcome describes; the teacher is read from the cache.
    ///
    /// - Parameters:
    ///   - cache: the folder of fetched teachers and knowledge packs.
    ///   - scenes: fetches scans that are not on this machine, or all of them if `streams` is set.
    ///   - streams: whether this machine's own files are ignored.
    ///   - note: receives remarks on the data and on the knowledge pack.
    package init(
        _ welcome: Welcome, cache: String, scenes: SceneClient, streams: Bool,
        numerics: Numerics.Fingerprint,
        note: @escaping @Sendable (String) -> Void
    ) throws {
        recipe = try Recipe(
            yaml: welcome.recipe, file: "the coordinator's recipe", seed: welcome.seed)
        data = try WorkerData(
            recipe, digest: welcome.dataDigest, scenes: scenes, streams: streams, note: note)
        let source = data.training
        training = try ExampleLoader(recipe, source: source)
        validation = try ExampleLoader(recipe, source: data.validation)
        let student = try recipe.studentNetwork(
            classes: source.classes.count, inputs: training.inputs)
        let provider = try TeacherProvider(
            recipe, classes: source.classes.count, digest: welcome.teacherDigest, cache: cache,
            numerics: numerics, note: note)
        let plan = try recipe.plan(student: student, teacher: provider?.side)
        let parameters = RunParameters(student, plan, scope: recipe.scope)
        context = ShardContext(
            provider: provider?.configured(for: plan), plan: plan, parameters: parameters,
            seed: recipe.seed)
        parts = WeightsParts(parameters, averages: recipe.averages)
        order = DataOrder(source, recipe)
        steps = recipe.steps
        shards = recipe.shards
        wire = recipe.wire
        let digest = SHA256(of: parameters.description)
        guard digest.bytes == welcome.studentDigest.bytes,
            context.layout.buckets.count == Int(welcome.bucketCount)
        else {
            throw WorkerError(
                "The student that this worker builds from the recipe differs from the "
                    + "coordinator's: run the same version of denju on both, over the same data.")
        }
    }

    /// A new worker's state machine for this run.
    package var machine: WorkerMachine {
        WorkerMachine(
            shards: shards, parts: parts, exchanges: context.objectives.exchanges, wire: wire)
    }

    /// An executor of this run on a pool of threads.
    ///
    /// - Parameter post: receives its results, on the compute threads.
    package func executor(
        on pool: ComputePool, post: @escaping @Sendable (JobResult) -> Void
    ) -> ShardExecutor {
        ShardExecutor(
            context: context, training: training, validation: validation, order: order,
            steps: steps, pool: pool, post: post)
    }
}

extension Recipe {
    /// The use of moving averages in this run.
    var averages: WeightsParts.Averages {
        guard average != nil else { return .unused }
        return objectives.needs.contains(.average) ? .steps : .labels
    }
}
