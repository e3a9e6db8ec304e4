public import Networks
public import Tensors

/// The student as the coordinator holds it: its weights, what the optimiser keeps for them, and
/// how a step's summed gradients change both.
///
/// A value; everything in it is a function of the run's seed, recipe and data alone.
public struct Learner: Sendable {
    /// The network.
    public let network: any Network
    /// How its parameters travel.
    public let layout: BucketLayout
    /// Where its statistics stand.
    public let statistics: StatisticsLayout
    /// Steps taken: the version of the weights.
    public private(set) var version: Int
    /// Rates, decay and clipping.
    public let optimiser: OptimiserSettings
    private var states: [AdamWState]
    /// The next version, bucket by bucket as gradients come in; nil where none has come.
    private var upcoming: [AdamWState?]
    /// All weights that are not trained, at their places among the specifications.
    private var untrained: Weights
    private var held: [Tensor?]

    /// A student with its first weights.
    public init(network: any Network, weights: Weights, optimiser: OptimiserSettings) {
        self.network = network
        self.optimiser = optimiser
        let trained = network.specifications.filter(\.isTrained)
        layout = BucketLayout(trained.map { ($0.name, $0.shape) })
        statistics = StatisticsLayout(network.specifications)
        states = layout.packed(weights).map(AdamWState.init(values:))
        untrained = weights
        version = 0
        held = Array(repeating: nil, count: layout.buckets.count)
        upcoming = Array(repeating: nil, count: layout.buckets.count)
    }

    /// The parameters' values, a flat tensor a bucket.
    public var buckets: [Tensor] { states.map(\.values) }

    /// The buckets of the next version that are known already, while a step is under way.
    public var upcomingBuckets: [(bucket: Int, values: Tensor)] {
        upcoming.enumerated().compactMap { bucket, state in state.map { (bucket, $0.values) } }
    }

    /// Every weight, in the order of the network's specifications.
    public var weights: Weights {
        Self.weights(of: network, layout, buckets: buckets, statistics: flatStatistics)
    }

    /// The running statistics and whatever else is not trained, as one flat tensor: what travels
    /// beside the buckets.
    public var flatStatistics: Tensor {
        let tensors = network.specifications.enumerated().filter { !$1.isTrained }.map {
            untrained[$0.offset].tensor
        }
        var flat = FlatAssembler(count: tensors.reduce(0) { $0 + $1.count })
        var offset = 0
        for tensor in tensors {
            flat.write(tensor, at: offset)
            offset += tensor.count
        }
        return flat.finished()
    }

    /// The weights that stand in buckets and flat statistics as they travel.
    public static func weights(
        of network: any Network, _ layout: BucketLayout, buckets: [Tensor], statistics: Tensor
    ) -> Weights {
        let trained = layout.unpacked(buckets)
        var offset = 0
        return Weights(
            network.specifications.map { specification in
                var tensor = trained[specification.name]
                if tensor == nil {
                    tensor = statistics.unpacked(
                        at: offset, rows: specification.rows, columns: specification.columns)
                    offset += specification.count
                }
                return NamedTensor(
                    name: specification.name, shape: specification.shape, tensor: tensor!)
            })
    }

    // MARK: A step

    /// Takes a bucket's gradient, summed over the mini-batch.
    ///
    /// Returns the bucket's next values, or nil where clipping must wait for the norm of all.
    public mutating func apply(_ gradient: Tensor, to bucket: Int) -> Tensor? {
        held[bucket] = gradient
        guard optimiser.clip == nil else { return nil }
        update(bucket, gradient, scale: 1)
        return upcoming[bucket]?.values
    }

    /// Ends a step: clipped updates are made, statistics merged, the step counted.
    ///
    /// Returns the norm of the gradient before clipping.
    public mutating func completeStep(_ report: ShardReport) -> Double {
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
        let specifications = Dictionary(
            uniqueKeysWithValues: network.specifications.map { ($0.name, $0.inBlock) })
        let stretches = layout.slots[layout.buckets[bucket]].map { slot in
            (
                count: slot.count,
                rate: Float(specifications[slot.name] == true ? rates.blocks : rates.others)
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
    public var moments: Weights {
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
    public init(
        network: any Network, weights: Weights, moments: Weights, version: Int,
        optimiser: OptimiserSettings
    ) throws {
        self.init(network: network, weights: weights, optimiser: optimiser)
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
    }
}
