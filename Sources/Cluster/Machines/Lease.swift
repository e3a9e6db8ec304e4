package import Training

/// Number that a coordinator or relay gives a worker when it admits it; numbers are never reused.
package typealias WorkerID = UInt32

/// A cloud of a mini-batch.
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

/// Work for a worker: nodes of a step's tree, with the clouds of their micro-shards.
///
/// A lease without nodes asks for no result. It tells a worker that joined during a step to prepare for
/// the next one, which will probably lease it the micro-shards it lists.
package struct Lease: Sendable, Equatable {
    /// The step.
    package var step: Int
    /// The nodes whose sums are wanted.
    package var nodes: [TreeNode]
    /// The clouds of each micro-shard under the nodes.
    package var shards: [Shard]

    /// A micro-shard's clouds.
    package struct Shard: Sendable, Equatable {
        /// The micro-shard's number in the step.
        package var shard: Int
        /// Its clouds, in the mini-batch's order.
        package var samples: [SampleReference]

        /// The clouds of a micro-shard.
        package init(shard: Int, samples: [SampleReference]) {
            self.shard = shard
            self.samples = samples
        }
    }

    /// A lease of nodes.
    package init(step: Int, nodes: [TreeNode], shards: [Shard]) {
        self.step = step
        self.nodes = nodes
        self.shards = shards
    }
}
