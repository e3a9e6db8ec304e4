package import Distillation
import Networks
import PointClouds
package import Tensors

/// One micro-shard's work: a pure function of (weights, run seed, step, clouds), computed by one
/// thread, in two halves with the mini-batch's totals between them.
///
/// Which worker or thread computes it, beside what else, never changes a bit of what it says.
package final class ShardComputation {
    private let context: ShardContext
    private let tape = Tape()
    /// The student's passes over the views: one, or two.
    private let passes: [ForwardContext]
    private let input: ObjectiveInput
    private let own: [BoundParameters]
    private let averages: [BoundParameters]
    /// How long each part took; whoever read the clouds, or waited for the totals, adds that.
    package var times = ShardTimes()

    /// Goes forward: teacher, then student.
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

    /// Goes forward through what was prepared.
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

    /// What the mini-batch must know of this micro-shard, one a term.
    package func contributions() throws -> [Contribution] {
        try times.measure(.contribution) {
            try context.objectives.contributions(of: input, parameters: own, averages: averages)
        }
    }

    /// What it must know besides, once the contributions are added up, one a term.
    package func responses(to totals: [Totals]) throws -> [Contribution] {
        try times.measure(.contribution) {
            try context.objectives.responses(
                of: input, to: totals, parameters: own, averages: averages)
        }
    }

    /// Goes backward, given what the mini-batch contributed.
    ///
    /// - Parameters:
    ///   - totals: one a term; empty where no term contributes.
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
            for (bucket, flat) in buckets.remaining() { bucketIsComplete(bucket, flat) }
        }
        let labelled = input.labels.count { $0 >= 0 }
        return ShardReport(
            values: [share.total] + share.terms.map(\.value)
                + share.terms.map(\.gradientSquares) + [Double(labelled), Double(input.rows)],
            moments: context.statistics.ordered(passes.map(\.moments)), times: times)
    }
}
