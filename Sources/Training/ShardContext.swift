package import Distillation
package import Networks
package import Tensors

/// Inputs of every micro-shard of a run besides weights and clouds.
package struct ShardContext: Sendable {
    /// Provider of the teacher's outputs; nil where the student learns without a teacher.
    package let provider: TeacherProvider?
    /// The objectives with their inputs and parameters.
    package let plan: ObjectivePlan
    /// The run's parameters and their layout.
    package let parameters: RunParameters
    /// The run's seed.
    package let seed: UInt64

    /// A context of the given parts.
    package init(
        provider: TeacherProvider?, plan: ObjectivePlan, parameters: RunParameters, seed: UInt64
    ) {
        self.provider = provider
        self.plan = plan
        self.parameters = parameters
        self.seed = seed
    }

    /// The student's network.
    package var student: any Network { parameters.network }
    /// The objectives.
    package var objectives: WeightedSum { plan.sum }
    /// The layout of trained parameters in buckets.
    package var layout: BucketLayout { parameters.layout }
    /// The layout of the student's statistics.
    package var statistics: StatisticsLayout { parameters.statistics }
}

/// Weights of one version that a micro-shard is computed with.
package struct StepWeights: Sendable {
    /// The student's weights, in the order of its specifications.
    package let student: Weights
    /// The objectives' parameters, in the order of their specifications.
    package let own: Weights
    /// The moving averages of both; nil unless an objective needs them.
    package let average: (student: Weights, own: Weights)?

    /// The given values.
    package init(
        student: Weights, own: Weights = Weights(),
        average: (student: Weights, own: Weights)? = nil
    ) {
        self.student = student
        self.own = own
        self.average = average
    }
}
