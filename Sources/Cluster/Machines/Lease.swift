package import Training

/// The number the coordinator gave a worker when it was admitted.
package typealias WorkerID = UInt32

/// A cloud of a mini-batch: which sample, at which place, in which view.
package struct SampleReference: Sendable, Equatable {
    /// The sample's place in the training source.
    package var sample: Int
    /// Its place in the mini-batch.
    package var place: Int
    /// The fixed view it is drawn from, where there are any.
    package var view: Int

    /// A sample at a place.
    package init(sample: Int, place: Int, view: Int = 0) {
        self.sample = sample
        self.place = place
        self.view = view
    }
}

/// Work handed to a worker: nodes of a step's tree, with the clouds of their micro-shards.
///
/// Without nodes it wants nothing: whoever came too late for this step is to prepare for the next one,
/// which will probably give it the micro-shards named.
package struct Lease: Sendable, Equatable {
    /// The step.
    package var step: Int
    /// The nodes whose sums are wanted.
    package var nodes: [TreeNode]
    /// The clouds of each micro-shard under those nodes.
    package var shards: [Shard]

    /// A micro-shard's clouds.
    package struct Shard: Sendable, Equatable {
        /// Which of the step's micro-shards.
        package var shard: Int
        /// Its clouds, in the mini-batch's order.
        package var samples: [SampleReference]

        /// The clouds of a micro-shard.
        package init(shard: Int, samples: [SampleReference]) {
            self.shard = shard
            self.samples = samples
        }
    }

    /// A lease of the given nodes.
    package init(step: Int, nodes: [TreeNode], shards: [Shard]) {
        self.step = step
        self.nodes = nodes
        self.shards = shards
    }
}
