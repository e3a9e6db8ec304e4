import Checkpoints
import Datasets
import Distillation
package import Messages
import Networks
package import Tensors
package import Training

/// What a worker has opened and built to take part in a run: data, networks, objectives.
package struct WorkerContext: Sendable {
    let recipe: Recipe
    let data: WorkerData
    package let context: ShardContext
    package let training: ExampleLoader
    let validation: ExampleLoader
    let order: DataOrder
    /// The step after the last.
    private let steps: Int
    /// Micro-shards a step.
    package let shards: Int
    /// How weights come.
    let parts: WeightsParts
    /// How exact gradients are on their way to the sum.
    package let wire: GradientWire

    /// Opens what a welcome names; the teacher comes from the cache.
    ///
    /// - Parameters:
    ///   - courier: brings scans where there are no files of them, or where `streams` says so.
    ///   - note: told what a person should know of the data and of the knowledge pack.
    package init(
        _ welcome: Welcome, cache: String, courier: SceneClient, streams: Bool,
        numerics: Numerics.Fingerprint,
        note: @escaping @Sendable (String) -> Void
    ) throws {
        recipe = try Recipe(
            yaml: welcome.recipe, file: "the coordinator's recipe", seed: welcome.seed)
        data = try WorkerData(
            recipe, digest: welcome.dataDigest, courier: courier, streams: streams, note: note)
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
                "This worker builds another student from the recipe than the coordinator: run the "
                    + "same version of denju on both, over the same data.")
        }
    }

    package var machine: WorkerMachine {
        WorkerMachine(
            shards: shards, parts: parts, exchanges: context.objectives.exchanges, wire: wire)
    }

    func bench(
        on pool: ComputePool, post: @escaping @Sendable (ShardExecutor.Outcome) -> Void
    ) -> ShardExecutor {
        ShardExecutor(
            context: context, training: training, validation: validation, order: order,
            steps: steps, shards: shards, wire: wire, pool: pool, post: post)
    }
}

extension Recipe {
    /// What the moving averages of this run are needed for.
    var averages: WeightsParts.Averages {
        guard average != nil else { return .unused }
        return objectives.needs.contains(.average) ? .steps : .labels
    }
}
