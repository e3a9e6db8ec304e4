package import Distillation
package import Networks
package import Tensors

/// What every micro-shard of a run is computed with, besides weights and clouds.
package struct ShardContext: Sendable {
    /// Provider of the teacher's outputs; nil where the student learns without a teacher.
    package let provider: TeacherProvider?
    /// What the student should want, what that reads, and what it brings of its own.
    package let plan: ObjectivePlan
    /// What learns, and how it travels.
    package let parameters: RunParameters
    /// The run's seed.
    package let seed: UInt64

    /// Everything a run's micro-shards share.
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
    /// How what learns travels.
    package var layout: BucketLayout { parameters.layout }
    /// Where the student's statistics stand.
    package var statistics: StatisticsLayout { parameters.statistics }
}

/// The values of one version of everything a micro-shard is computed with.
package struct StepWeights: Sendable {
    /// The student's weights, in the order of its specifications.
    package let student: Weights
    /// The objectives' own parameters, in the order of theirs.
    package let own: Weights
    /// The moving averages of both; nil where no objective asks for them.
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
