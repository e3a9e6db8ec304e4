import Distillation
import Synchronization
import Training

/// Warms up a worker: computes one prepared micro-shard and discards the result.
///
/// The first micro-shard of a process touches new memory and lays weights out for products. A worker
/// that joins during a step has idle time before its first lease and pays this cost then.
final class Rehearsal: Sendable {
    private let context: ShardContext
    private let weights: WeightsCache
    private let isWarm = Atomic(false)

    /// A warm-up of a worker that has computed nothing yet.
    init(_ context: ShardContext, weights: WeightsCache) {
        self.context = context
        self.weights = weights
    }

    /// Whether a micro-shard has been computed, in rehearsal or for a step.
    var isFinished: Bool { isWarm.load(ordering: .relaxed) }

    /// Records that a micro-shard has been computed, so that no rehearsal is needed.
    func finish() { isWarm.store(true, ordering: .relaxed) }

    /// Computes a prepared micro-shard.
    ///
    /// - Parameter isUseful: asked before each half; false once the step has begun.
    func run(
        _ preparation: ShardPreparation, step: Int, version: WeightsVersion,
        while isUseful: () -> Bool
    ) throws {
        guard isUseful() else { return }
        let computation = ShardComputation(
            context, weights: weights.stepWeights(of: version), step: step,
            preparation: preparation)
        var rounds: [Int: [Totals]] = [:]
        for round in 0..<context.objectives.exchanges {
            let parts =
                try rounds[0].map(computation.responses(to:)) ?? computation.contributions()
            rounds[round] = parts.map { Totals($0) }
        }
        guard isUseful() else { return }
        _ = try computation.backward(given: Totals.joined(rounds)) { _, _ in }
        finish()
    }
}
