package import Networks
import Settings
package import Tensors

/// The student as the coordinator holds it, with what objectives bring: weights, what the optimiser
/// keeps for them, and how a step's summed gradients change both.
///
/// A value; everything in it is a function of the run's seed, recipe and data alone.
package struct Learner: Sendable {
    /// What there is to learn, and how it travels.
    package let parameters: RunParameters
    /// Steps taken: the version of the weights.
    package private(set) var version: Int
    /// Rates, decay and clipping.
    package let optimiser: OptimiserSettings
    private var states: [AdamWState]
    /// The next version, bucket by bucket as gradients come in; nil where none has come.
    private var upcoming: [AdamWState?]
    /// All weights that are not trained, at their places among the specifications.
    private var untrained: Weights
    private var held: [Tensor?]

    /// The moving average, where one is kept.
    package private(set) var average: MovingAverage?
    /// The buckets of what does not learn; they never change.
    package let frozenBuckets: [Tensor]
    private let blocks: Set<String>
    private let countPlaces: [Int]

    /// A student with its first weights.
    ///
    /// - Parameters:
    ///   - parameters: what there is to learn.
    ///   - weights: the student's, in the order of its specifications.
    ///   - own: the objectives' own, in the order of theirs.
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

    /// The student.
    package var network: any Network { parameters.network }

    /// How what learns travels.
    package var layout: BucketLayout { parameters.layout }

    /// The values of what learns, a flat tensor a bucket.
    package var buckets: [Tensor] { states.map(\.values) }

    /// The buckets of the next version that are known already, while a step is under way.
    package var upcomingBuckets: [(bucket: Int, values: Tensor)] {
        upcoming.enumerated().compactMap { bucket, state in state.map { (bucket, $0.values) } }
    }

    /// Every weight of the student, in the order of its specifications.
    package var weights: Weights {
        parameters.weights(buckets: buckets, statistics: flatStatistics, constant: untrained)
            .student
    }

    /// The objectives' own parameters.
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

    /// The average of both; nil where none is kept.
    package var averagedWeights: (student: Weights, own: Weights)? {
        average.map {
            parameters.weights(
                buckets: $0.buckets, statistics: $0.statistics, constant: untrained)
        }
    }

    /// The running statistics and whatever else no gradient changes, as one flat tensor: what
    /// travels beside the buckets.
    package var flatStatistics: Tensor { parameters.flatStatistics(of: untrained) }

    // MARK: A step

    /// Takes a bucket's gradient, summed over the mini-batch.
    ///
    /// Returns the bucket's next values, or nil where clipping must wait for the norm of all.
    package mutating func apply(_ gradient: Tensor, to bucket: Int) -> Tensor? {
        held[bucket] = gradient
        guard optimiser.clip == nil else { return nil }
        update(bucket, gradient, scale: 1)
        return upcoming[bucket]?.values
    }

    /// Ends a step: clipped updates are made, statistics merged, the step counted.
    ///
    /// Returns the norm of the gradient before clipping.
    package mutating func completeStep(_ report: ShardReport) -> Double {
        let norm = held.reduce(0.0) { $0 + ($1?.squaredNorm ?? 0) }.squareRoot()
        if let clip = optimiser.clip {
            let scale = norm > clip ? Float(clip / norm) : 1
            for bucket in held.indices {
                guard let gradient = held[bucket] else { continue }
                update(bucket, gradient, scale: scale)
            }
        }
        held = Array(repeating: nil, count: held.count)
        for bucket in upcoming.indices {
            if let next = upcoming[bucket] { states[bucket] = next }
            upcoming[bucket] = nil
        }
        untrained = untrained.updatedStatistics(
            of: report.moments, momentum: Self.momentum(afterSteps: version))
        version += 1
        let (values, statistics, counts, steps) = (buckets, flatStatistics, countPlaces, version)
        average?.update(buckets: values, statistics: statistics, counts: counts, steps: steps)
        return norm
    }

    /// How much of a step's statistics goes into the running ones.
    ///
    /// The public implementation's 0.01 in the long run. Alone it would leave a third of the
    /// initial mean 0 and variance 1 in a network after 100 steps; so the first steps count for
    /// more, the n-th in proportion to n, until 0.01 is reached after 198.
    static func momentum(afterSteps count: Int) -> Float {
        Float(max(0.01, 2 / Double(count + 2)))
    }

    private mutating func update(_ bucket: Int, _ gradient: Tensor, scale: Float) {
        let rates = optimiser.rates(at: version)
        let stretches = layout.slots[layout.buckets[bucket]].map { slot in
            (
                count: slot.count,
                rate: Float(blocks.contains(slot.name) ? rates.blocks : rates.others)
            )
        }
        upcoming[bucket] = states[bucket].updated(
            gradient: gradient, scale: scale, rates: stretches,
            .init(
                beta1: Float(optimiser.beta1), beta2: Float(optimiser.beta2),
                weightDecay: Float(optimiser.weightDecay), count: version + 1))
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

    /// A student as a checkpoint left it, after `version` steps.
    ///
    /// - Parameters:
    ///   - moments: as ``moments`` gave them.
    ///   - averaged: as ``averagedWeights`` gave them; where a moving average is kept and none is
    ///     given, it begins with the weights.
    package init(
        _ parameters: RunParameters, weights: Weights, own: Weights = Weights(), moments: Weights,
        averaged: (student: Weights, own: Weights)? = nil, version: Int,
        optimiser: OptimiserSettings, average: Double? = nil
    ) throws {
        self.init(
            parameters, weights: weights, own: own, optimiser: optimiser, average: average)
        func side(_ suffix: String) throws -> [Tensor] {
            let side = try layout.slots.map { slot in
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
