public import Training

/// The number the coordinator gave a worker when it was admitted.
public typealias WorkerID = UInt32

/// A cloud of a mini-batch: which sample, at which place, in which view.
public struct SampleReference: Sendable, Equatable {
    /// The sample's place in the training source.
    public var sample: Int
    /// Its place in the mini-batch.
    public var place: Int
    /// The fixed view it is drawn from, where there are any.
    public var view: Int

    /// A sample at a place.
    public init(sample: Int, place: Int, view: Int = 0) {
        self.sample = sample
        self.place = place
        self.view = view
    }
}

/// Work handed to a worker: nodes of a step's tree, with the clouds of their micro-shards.
///
/// Without nodes it wants nothing: whoever came too late for this step is to prepare for the next one,
/// which will probably give it the micro-shards named.
public struct Lease: Sendable, Equatable {
    /// The step.
    public var step: Int
    /// The nodes whose sums are wanted.
    public var nodes: [TreeNode]
    /// The clouds of each micro-shard under those nodes.
    public var shards: [Shard]

    /// A micro-shard's clouds.
    public struct Shard: Sendable, Equatable {
        /// Which of the step's micro-shards.
        public var shard: Int
        /// Its clouds, in the mini-batch's order.
        public var samples: [SampleReference]

        /// The clouds of a micro-shard.
        public init(shard: Int, samples: [SampleReference]) {
            self.shard = shard
            self.samples = samples
        }
    }

    /// A lease of the given nodes.
    public init(step: Int, nodes: [TreeNode], shards: [Shard]) {
        self.step = step
        self.nodes = nodes
        self.shards = shards
    }
}
