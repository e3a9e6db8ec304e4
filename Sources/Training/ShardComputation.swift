package import Distillation
import Networks
import PointClouds
package import Tensors

/// Computation of one micro-shard: a pure function of (weights, run seed, step, clouds), computed by one
/// thread, in two parts with the mini-batch's totals between them.
///
/// The result is bit-identical on every worker and thread.
package final class ShardComputation {
    private let context: ShardContext
    private let tape = Tape()
    /// The student's forward contexts: one per view.
    private let passes: [ForwardContext]
    private let input: ObjectiveInput
    private let own: [BoundParameters]
    private let averages: [BoundParameters]
    /// The time of each phase; callers add the time for reading clouds and waiting for totals.
    package var times = ShardTimes()

    /// Runs the forward passes of teacher and student.
    ///
    /// - Parameters:
    ///   - weights: of the version the step begins with.
    ///   - examples: the micro-shard's clouds, with their places in the mini-batch.
    package convenience init(
        _ context: ShardContext, weights: StepWeights, step: Int,
        examples: [(place: Int, example: Example)]
    ) throws {
        self.init(
            context, weights: weights, step: step,
            preparation: try ShardPreparation(context, examples: examples))
    }

    /// Runs the student's forward pass for a prepared micro-shard.
    ///
    /// - Parameter weights: of the version the step begins with.
    package init(
        _ context: ShardContext, weights: StepWeights, step: Int, preparation: ShardPreparation
    ) {
        self.context = context
        let (batch, strong) = (preparation.batch, preparation.strong)
        let examples = batch.examples
        let needs = context.plan.needs
        times = preparation.times
        let samples = examples.map(\.sampleID)
        let views = times.measure(.student) { [tape] in
            StudentViews(
                context, weights: weights, step: step, samples: samples, scene: batch.scene,
                strong: strong?.scene, on: tape)
        }
        passes = views.passes
        own = context.plan.bound(weights.own.map(\.tensor))
        averages = weights.average.map { context.plan.bound($0.own.map(\.tensor)) } ?? []
        input = ObjectiveInput(
            hierarchy: batch.scene.hierarchy,
            positions: examples.map(\.voxels.cloud.positions), samples: samples,
            cloudIDs: preparation.places, labels: batch.labels,
            classes: context.student.classes, student: views.weak, teacher: preparation.teacher,
            strong: views.strong.map { .init(student: $0, teacher: preparation.strongTeacher) },
            average: views.average.map { .init(student: $0) },
            quarterTurns: needs.contains(.quarterTurns)
                ? examples.map(\.quarterTurns) : nil,
            seed: context.seed, step: step)
    }

    /// The contributions of this micro-shard, one per term.
    package func contributions() throws -> [Contribution] {
        try times.measure(.contribution) {
            try context.objectives.contributions(of: input, parameters: own, averages: averages)
        }
    }

    /// The responses of this micro-shard to the totals, one per term.
    package func responses(to totals: [Totals]) throws -> [Contribution] {
        try times.measure(.contribution) {
            try context.objectives.responses(
                of: input, to: totals, parameters: own, averages: averages)
        }
    }

    /// Runs the backward pass, given the mini-batch's totals.
    ///
    /// - Parameters:
    ///   - totals: one per term; empty if no term contributes.
    ///   - bucketIsComplete: called with each bucket's gradient as soon as backward has produced
    ///     it, the last bucket first.
    /// - Returns: the shares of the loss and the statistics.
    package func backward(
        given totals: [Totals],
        bucketIsComplete: @escaping (_ bucket: Int, _ gradient: Tensor) -> Void
    ) throws -> ShardReport {
        let share = try times.measure(.objectives) {
            try context.objectives.share(
                of: input, given: totals, parameters: own, averages: averages)
        }
        times.measure(.backward) {
            let variables = passes[0].variables
            var buckets = GradientBuckets(context.layout, variables)
            // The objectives' parameters come last in the layout and their gradients exist already, so the last
            // buckets are complete before the student's backward pass begins.
            for (place, gradient) in share.parameterGradients.enumerated().reversed() {
                let place = variables.count + place
                if let (bucket, flat) = buckets.take(gradient, at: place) {
                    bucketIsComplete(bucket, flat)
                }
            }
            tape.gradients(from: share.seeds) { leaf, gradient in
                if let (bucket, flat) = buckets.take(gradient, of: leaf) {
                    bucketIsComplete(bucket, flat)
                }
            }
            // The coordinator waits for every bucket, including those that the loss does not depend on.
            for (bucket, flat) in buckets.remaining() { bucketIsComplete(bucket, flat) }
        }
        let labelled = input.labels.count { $0 >= 0 }
        return ShardReport(
            values: [share.total] + share.terms.map(\.value)
                + share.terms.map(\.gradientSquares) + [Double(labelled), Double(input.rows)],
            moments: context.statistics.ordered(passes.map(\.moments)), times: times)
    }
}
