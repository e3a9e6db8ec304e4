package import Networks
import Settings
package import Tensors

/// Trained state of a run: weights of student and objectives, the optimiser's state, and the update by a
/// step's summed gradients.
///
/// A value type whose contents are a function of the run's seed, recipe and data alone.
package struct Learner: Sendable {
    /// The parameters and their layout in buckets.
    package let parameters: RunParameters
    /// The number of steps taken: the version of the weights.
    package private(set) var version: Int
    /// Rates, decay and clipping.
    package let optimiser: OptimiserSettings
    private var states: [AdamWState]
    /// The next version of each bucket; nil until its gradient has been applied.
    private var upcoming: [AdamWState?]
    /// All untrained weights, at their places among the specifications.
    private var untrained: Weights
    private var held: [Tensor?]

    /// The moving average, if one is kept.
    package private(set) var average: MovingAverage?
    /// The buckets of frozen parameters; they never change.
    package let frozenBuckets: [Tensor]
    private let blocks: Set<String>
    private let countPlaces: [Int]

    /// A learner with initial weights.
    ///
    /// - Parameters:
    ///   - parameters: the parameters and their layout.
    ///   - weights: the student's, in the order of its specifications.
    ///   - own: the objectives' parameters, in the order of their specifications.
    ///   - optimiser: rates, decay and clipping.
    ///   - average: the decay of a moving average; nil keeps none.
    package init(
        _ parameters: RunParameters, weights: Weights, own: Weights = Weights(),
        optimiser: OptimiserSettings, average: Double? = nil
    ) {
        self.parameters = parameters
        self.optimiser = optimiser
        let all = Weights(Array(weights) + Array(own))
        states = parameters.layout.packed(all).map(AdamWState.init(values:))
        frozenBuckets = parameters.frozen.packed(weights)
        untrained = weights
        version = 0
        held = Array(repeating: nil, count: states.count)
        upcoming = Array(repeating: nil, count: states.count)
        let specifications = parameters.network.specifications + parameters.own
        blocks = Set(specifications.filter(\.inBlock).map(\.name))
        var places: [Int] = []
        var offset = 0
        for specification in specifications where !specification.isTrained {
            if specification.role == .batchCount { places.append(offset) }
            offset += specification.count
        }
        countPlaces = places
        self.average = average.map {
            MovingAverage(
                decay: $0, buckets: states.map(\.values),
                statistics: parameters.flatStatistics(of: weights))
        }
    }

    /// The student's network.
    package var network: any Network { parameters.network }

    /// The layout of trained parameters in buckets.
    package var layout: BucketLayout { parameters.layout }

    /// The trained values, one flat tensor per bucket.
    package var buckets: [Tensor] { states.map(\.values) }

    /// The buckets of the next version that have been updated already in the current step.
    package var upcomingBuckets: [(bucket: Int, values: Tensor)] {
        upcoming.enumerated().compactMap { bucket, state in state.map { (bucket, $0.values) } }
    }

    /// Every weight of the student, in the order of its specifications.
    package var weights: Weights {
        parameters.weights(buckets: buckets, statistics: flatStatistics, constant: untrained)
            .student
    }

    /// The objectives' parameters.
    package var ownWeights: Weights {
        Weights(
            parameters.layout.slots.suffix(parameters.own.count).map { slot in
                let (rows, columns) = matrixShape(slot.shape)
                return NamedTensor(
                    name: slot.name, shape: slot.shape,
                    tensor: states[slot.bucket].values.unpacked(
                        at: slot.offset, rows: rows, columns: columns))
            })
    }

    /// The moving averages of both; nil if none is kept.
    package var averagedWeights: (student: Weights, own: Weights)? {
        average.map {
            parameters.weights(
                buckets: $0.buckets, statistics: $0.statistics, constant: untrained)
        }
    }

    /// The running statistics and other values without gradient as one flat tensor, sent beside the
    /// buckets.
    package var flatStatistics: Tensor { parameters.flatStatistics(of: untrained) }

    // MARK: A step

    /// Applies a bucket's gradient, summed over the mini-batch.
    ///
    /// Returns the bucket's next values, or nil if clipping requires the norm over all buckets first.
    /// Throws, and leaves the current version as it is, if gradient or update are not finite.
    package mutating func apply(
        _ gradient: Tensor, to bucket: Int
    ) throws(Divergence) -> Tensor? {
        // Micro-shards' gradients are finite, but their sum may overflow.
        guard gradient.isFinite else {
            throw divergence("the gradient", in: bucket)
        }
        held[bucket] = gradient
        // The clipping factor depends on the norm over all buckets, so no bucket can be updated before the
        // last gradient is known.
        guard optimiser.clip == nil else { return nil }
        try update(bucket, gradient, scale: 1)
        return upcoming[bucket]?.values
    }

    private func divergence(_ what: String, in bucket: Int) -> Divergence {
        let names = layout.slots[layout.buckets[bucket]].map(\.name)
        let list = names.prefix(1) + (names.count > 1 ? ["\(names.count - 1) more"] : [])
        return Divergence(
            "\(what) of \(list.joined(separator: " and ")) is not finite at step \(version + 1)")
    }

    /// Completes a step: makes clipped updates, merges statistics and increments the version.
    ///
    /// Returns the norm of the gradient before clipping. Throws, and leaves the current version as it
    /// is, if an update is not finite.
    package mutating func completeStep(_ report: ShardReport) throws(Divergence) -> Double {
        let norm = held.reduce(0.0) { $0 + ($1?.squaredNorm ?? 0) }.squareRoot()
        if let clip = optimiser.clip {
            let scale = norm > clip ? Float(clip / norm) : 1
            for bucket in held.indices {
                guard let gradient = held[bucket] else { continue }
                try update(bucket, gradient, scale: scale)
            }
        }
        let statistics = untrained.updatedStatistics(
            of: report.moments, momentum: Self.momentum(afterSteps: version))
        guard statistics.allSatisfy(\.tensor.isFinite) else {
            throw Divergence("a running statistic is not finite at step \(version + 1)")
        }
        // Released before the next step: the gradients are as large as the weights.
        held = Array(repeating: nil, count: held.count)
        for bucket in upcoming.indices {
            if let next = upcoming[bucket] { states[bucket] = next }
            upcoming[bucket] = nil
        }
        untrained = statistics
        version += 1
        // Copied first, since the call below accesses `self` exclusively.
        let (values, flat, counts, steps) = (buckets, flatStatistics, countPlaces, version)
        average?.update(buckets: values, statistics: flat, counts: counts, steps: steps)
        return norm
    }

    /// The share of a step's statistics in the running ones.
    ///
    /// In the long run 0.01, as in the public implementation. Alone, it would leave a third of the initial
    /// mean 0 and variance 1 after 100 steps. The share therefore begins larger and decreases to 0.01
    /// after 198 steps.
    static func momentum(afterSteps count: Int) -> Float {
        Float(max(0.01, 2 / Double(count + 2)))
    }

    private mutating func update(
        _ bucket: Int, _ gradient: Tensor, scale: Float
    ) throws(Divergence) {
        let rates = optimiser.rates(at: version)
        let stretches = layout.slots[layout.buckets[bucket]].map { slot in
            (
                count: slot.count,
                rate: Float(blocks.contains(slot.name) ? rates.blocks : rates.others)
            )
        }
        let next = states[bucket].updated(
            gradient: gradient, scale: scale, rates: stretches,
            .init(
                beta1: Float(optimiser.beta1), beta2: Float(optimiser.beta2),
                weightDecay: Float(optimiser.weightDecay), count: version + 1))
        // A finite gradient may have an infinite square: the second moment would then hold the weight
        // still for good.
        guard next.values.isFinite, next.firstMoment.isFinite, next.secondMoment.isFinite else {
            throw divergence("the update", in: bucket)
        }
        upcoming[bucket] = next
    }

    // MARK: Checkpoints

    /// Both moments of every parameter, under the parameter's name and `.first` or `.second`.
    package var moments: Weights {
        let first = layout.unpacked(states.map(\.firstMoment))
        let second = layout.unpacked(states.map(\.secondMoment))
        return Weights(
            zip(first, second).flatMap { first, second in
                [
                    NamedTensor(
                        name: first.name + ".first", shape: first.shape, tensor: first.tensor),
                    NamedTensor(
                        name: second.name + ".second", shape: second.shape, tensor: second.tensor),
                ]
            })
    }

    /// The learner of a checkpoint, after `version` steps.
    ///
    /// - Parameters:
    ///   - moments: those that ``moments`` returned.
    ///   - averaged: those that ``averagedWeights`` returned; without them, a moving average begins with
    ///     the weights.
    package init(
        _ parameters: RunParameters, weights: Weights, own: Weights = Weights(), moments: Weights,
        averaged: (student: Weights, own: Weights)? = nil, version: Int,
        optimiser: OptimiserSettings, average: Double? = nil
    ) throws {
        self.init(
            parameters, weights: weights, own: own, optimiser: optimiser, average: average)
        func side(_ suffix: String) throws -> [Tensor] {
            let side = try layout.slots.map { slot in
                // A checkpoint of another student must not be resumed with moments of the wrong parameters.
                guard let tensor = moments[slot.name + suffix], tensor.count == slot.count else {
                    throw RecipeError(
                        "The checkpoint's optimiser has no \(slot.name)\(suffix) of \(slot.count) "
                            + "values: it belongs to another student.")
                }
                return NamedTensor(name: slot.name, shape: slot.shape, tensor: tensor)
            }
            return layout.packed(Weights(side))
        }
        let first = try side(".first")
        let second = try side(".second")
        states = states.indices.map {
            AdamWState(
                values: states[$0].values, firstMoment: first[$0], secondMoment: second[$0])
        }
        self.version = version
        guard let average, let averaged else { return }
        self.average = MovingAverage(
            decay: average,
            buckets: layout.packed(Weights(Array(averaged.student) + Array(averaged.own))),
            statistics: parameters.flatStatistics(of: averaged.student))
    }
}
