public import Distillation
public import Networks
import PointClouds
public import Tensors

/// What every micro-shard of a run is computed with, besides weights and clouds.
public struct Lectern: Sendable {
    /// The student's network.
    public let student: any Network
    /// How the teacher's word comes; nil where the student learns alone.
    public let teaching: Teaching?
    /// What the student should want, what that reads, and what it brings of its own.
    public let plan: ObjectivePlan
    /// The objectives.
    public var objectives: WeightedSum { plan.sum }
    /// How the student's gradients travel.
    public let layout: BucketLayout
    /// Where its statistics stand.
    public let statistics: StatisticsLayout
    /// The run's seed.
    public let seed: UInt64

    /// Everything a run's micro-shards share.
    public init(
        student: any Network, teaching: Teaching?, plan: ObjectivePlan, seed: UInt64
    ) {
        self.student = student
        self.teaching = teaching
        self.plan = plan
        let trained = student.specifications.filter(\.isTrained)
        layout = BucketLayout(trained.map { ($0.name, $0.shape) })
        statistics = StatisticsLayout(student.specifications)
        self.seed = seed
    }
}

/// One micro-shard's work: a pure function of (weights, run seed, step, clouds), computed by one
/// thread, in two halves with the mini-batch's totals between them.
///
/// Which worker or thread computes it, beside what else, never changes a bit of what it says.
public final class ShardComputation {
    private let lectern: Lectern
    private let tape = Tape()
    private let pass: Pass
    private let lesson: Lesson
    /// How long each part took; whoever read the clouds, or waited for the totals, adds that.
    public var times = ShardTimes()

    /// Goes forward: teacher, then student.
    ///
    /// - Parameters:
    ///   - weights: the student's, in the order of its specifications.
    ///   - examples: the micro-shard's clouds, with their places in the mini-batch.
    public init(
        _ lectern: Lectern, weights: Weights, step: Int,
        examples: [(place: Int, example: Example)]
    ) throws {
        self.lectern = lectern
        let batch = try ExampleBatch(examples.map(\.example), geometry: lectern.student.geometry)
        var knowledge: Knowledge?
        if let teaching = lectern.teaching {
            knowledge = try times.measure(.teacher) { try teaching.knowledge(of: batch) }
        }
        let (pass, outputs) = times.measure(.student) { [tape] in
            let pass = Pass(
                .training(
                    seed: lectern.seed, step: step, samples: examples.map(\.example.sampleID)),
                of: lectern.student, weights, on: tape, taps: lectern.plan.studentTaps)
            return (pass, lectern.student(batch.scene, pass))
        }
        self.pass = pass
        lesson = Lesson(
            hierarchy: batch.scene.hierarchy,
            positions: examples.map(\.example.voxels.cloud.positions),
            samples: examples.map(\.example.sampleID), cloudIDs: examples.map(\.place),
            labels: batch.labels, classes: lectern.student.classes,
            student: Signals(outputs, at: lectern.plan.studentTaps),
            teacher: knowledge.map { Signals($0, at: lectern.plan.teacherTaps) },
            seed: lectern.seed, step: step)
    }

    /// What the mini-batch must know of this micro-shard, one a term.
    public func contributions() throws -> [Contribution] {
        try times.measure(.contribution) { try lectern.objectives.contributions(of: lesson) }
    }

    /// Goes backward, given what the mini-batch contributed.
    ///
    /// - Parameters:
    ///   - totals: one a term; empty where no term contributes.
    ///   - bucketIsComplete: called with each bucket's gradient as soon as backward has produced
    ///     it, the last bucket first.
    /// - Returns: the shares of the loss and the statistics.
    public func backward(
        given totals: [Totals],
        bucketIsComplete: @escaping (_ bucket: Int, _ gradient: Tensor) -> Void
    ) throws -> ShardReport {
        let share = try times.measure(.objectives) {
            try lectern.objectives.share(of: lesson, given: totals)
        }
        times.measure(.backward) {
            var buckets = GradientBuckets(lectern.layout, pass.variables)
            tape.gradients(from: share.seeds) { leaf, gradient in
                if let (bucket, flat) = buckets.take(gradient, of: leaf) {
                    bucketIsComplete(bucket, flat)
                }
            }
            for (bucket, flat) in buckets.remaining() { bucketIsComplete(bucket, flat) }
        }
        let labelled = lesson.labels.count { $0 >= 0 }
        return ShardReport(
            values: [share.total] + share.terms.map(\.value)
                + [Double(labelled), Double(lesson.rows)],
            moments: lectern.statistics.ordered(pass.moments), times: times)
    }
}

/// Gathers parameters' gradients into buckets while backward produces them.
private struct GradientBuckets {
    private let layout: BucketLayout
    private var slots: [LeafID: Int] = [:]
    private var missing: [Int]
    private var pieces: [[(offset: Int, gradient: Tensor)]]

    init(_ layout: BucketLayout, _ variables: [(name: String, tensor: Tensor)]) {
        self.layout = layout
        for (place, variable) in variables.enumerated() {
            precondition(variable.name == layout.slots[place].name, "Parameters in another order.")
            if let leaf = variable.tensor.leafID { slots[leaf] = place }
        }
        missing = layout.buckets.map(\.count)
        pieces = Array(repeating: [], count: layout.buckets.count)
    }

    mutating func take(_ gradient: Tensor, of leaf: LeafID) -> (bucket: Int, flat: Tensor)? {
        guard let slot = slots[leaf].map({ layout.slots[$0] }) else { return nil }
        pieces[slot.bucket].append((slot.offset, gradient))
        missing[slot.bucket] -= 1
        return missing[slot.bucket] == 0 ? (slot.bucket, flat(slot.bucket)) : nil
    }

    /// The buckets with parameters the loss does not depend on; their gradient there is zero.
    mutating func remaining() -> [(bucket: Int, flat: Tensor)] {
        missing.indices.reversed().filter { missing[$0] > 0 }.map { ($0, flat($0)) }
    }

    private mutating func flat(_ bucket: Int) -> Tensor {
        var flat = FlatAssembler(count: layout.count(of: bucket))
        for piece in pieces[bucket] { flat.write(piece.gradient, at: piece.offset) }
        pieces[bucket] = []
        return flat.finished()
    }
}

extension Signals {
    /// A network's outputs with the features at taps the pass has asked for, the recipe's first.
    init(_ outputs: Outputs, at taps: [Tap]) {
        let tapped = taps.map { (tap: $0, tensor: outputs.features(at: $0)) }
        self.init(
            logits: outputs.logits, features: tapped[0].tensor, at: tapped[0].tap,
            taps: Array(tapped.dropFirst()))
    }

    /// What a teacher says, with the features at taps it was asked for, the recipe's first.
    init(_ knowledge: Knowledge, at taps: [Tap]) {
        let tapped = taps.map { (tap: $0, tensor: knowledge.features[$0]!) }
        self.init(
            logits: knowledge.logits, features: tapped[0].tensor, at: tapped[0].tap,
            taps: Array(tapped.dropFirst()))
    }
}
