import Cluster
import Distillation
import Messages
import Networks
import Tensors
import Training

/// What every simulated worker says of every micro-shard: a real micro-shard of the recipe, computed
/// once and then repeated word for word.
///
/// One immutable set of gradients serves all workers of a process, however many there are.
struct ShardScript: Sendable {
    /// What it says in each exchange.
    let contributions: [[Distillation.Contribution]]
    /// Its gradient, bucket by bucket in the order backward completes them.
    let gradients: [(bucket: Int, gradient: Tensor)]
    /// Its report.
    let report: ShardReport
    /// What a validation sample's labelling says.
    let matrix: ConfusionMatrix
    /// How its normalisations' statistics travel.
    let statistics: StatisticsLayout
    /// Micro-shards a step.
    let shards: Int
    /// How exact gradients are on their way to the sum.
    let wire: GradientWire
    /// A worker that has just been welcomed.
    let machine: WorkerMachine

    /// Computes the first micro-shard of a welcome's recipe, whose objectives must gather nothing.
    ///
    /// - Parameter compute: how long the micro-shard is said to have taken.
    init(_ welcome: Welcome, compute: Duration) throws {
        // The recipe's scans are made, not fetched.
        let scenes = SceneClient(
            keepingIn: "", limit: 0, timeout: .zero, note: { _ in }, send: { _ in })
        let workerContext = try WorkerContext(
            welcome, cache: "", scenes: scenes, streams: false,
            numerics: Numerics.fingerprint(), note: { _ in })
        let recipe = try Recipe(
            yaml: welcome.recipe, file: "the coordinator's recipe", seed: welcome.seed)
        let context = workerContext.context
        let learner = try Learner(beginning: recipe, context.parameters, note: { _ in })
        let computation = try ShardComputation(
            context, weights: StepWeights(student: learner.weights, own: learner.ownWeights),
            step: 0, examples: [(place: 0, example: workerContext.training.example(of: 0, step: 0))]
        )
        var rounds: [[Distillation.Contribution]] = []
        var totals: [Distillation.Totals] = []
        for round in 0..<context.objectives.exchanges {
            let said =
                try round == 0
                ? computation.contributions() : computation.responses(to: totals)
            rounds.append(said)
            totals =
                round == 0
                ? said.map { .init($0) } : zip(totals, said).map { .init($0.whole, responses: $1) }
        }
        var gradients: [(bucket: Int, gradient: Tensor)] = []
        var report = try computation.backward(given: totals) { bucket, gradient in
            gradients.append((bucket, gradient.detached))
        }
        report.times = ShardTimes()
        report.times[.backward] = compute
        contributions = rounds
        self.gradients = gradients
        self.report = report
        matrix = ConfusionMatrix(classes: context.student.classes)
        statistics = context.statistics
        (shards, wire) = (workerContext.shards, workerContext.wire)
        machine = workerContext.machine
    }
}
