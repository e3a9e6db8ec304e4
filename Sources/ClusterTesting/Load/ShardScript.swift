import Cluster
import Distillation
import Messages
import Networks
import OpenBLAS
import Tensors
import Training

/// The messages of simulated workers about a micro-shard: those of one real micro-shard of the recipe,
/// computed once.
///
/// All workers of a process share one immutable set of gradients.
struct ShardScript: Sendable {
    /// The contributions of each exchange.
    let contributions: [[Distillation.Contribution]]
    /// The gradient by bucket, in the order in which the backward pass completes them.
    let gradients: [(bucket: Int, gradient: Tensor)]
    /// The report of the micro-shard.
    let report: ShardReport
    /// The confusion matrix of a validation scan.
    let matrix: ConfusionMatrix
    /// The layout of the normalisation statistics in messages.
    let statistics: StatisticsLayout
    /// The number of micro-shards per step.
    let shards: Int
    /// The precision of gradients in messages.
    let wire: GradientWire
    /// The state machine of a worker that has just joined.
    let machine: WorkerMachine

    /// Computes the first micro-shard of the recipe, whose objectives must not gather features.
    ///
    /// - Parameter compute: the duration that reports give for the micro-shard.
    init(_ welcome: Welcome, compute: Duration) throws {
        // The recipe's scans are generated, so that nothing is fetched.
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
            let contributions =
                try round == 0
                ? computation.contributions() : computation.responses(to: totals)
            rounds.append(contributions)
            totals =
                round == 0
                ? contributions.map { .init($0) }
                : zip(totals, contributions).map { .init($0.whole, responses: $1) }
        }
        var gradients: [(bucket: Int, gradient: Tensor)] = []
        var report = try computation.backward(given: totals) { bucket, gradient in
            gradients.append((bucket, gradient.detached))
        }
        // The measured times are those of this machine, not of the simulated workers.
        report.times = ShardTimes()
        report.times[.backward] = compute
        self.contributions = rounds
        self.gradients = gradients
        self.report = report
        matrix = ConfusionMatrix(classes: context.student.classes)
        statistics = context.statistics
        (shards, wire) = (workerContext.shards, workerContext.wire)
        machine = workerContext.machine
    }
}
