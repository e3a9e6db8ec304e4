public import Distillation
public import Networks
public import Tensors

/// What every micro-shard of a run is computed with, besides weights and clouds.
public struct Lectern: Sendable {
    /// How the teacher's word comes; nil where the student learns alone.
    public let teaching: Teaching?
    /// What the student should want, what that reads, and what it brings of its own.
    public let plan: ObjectivePlan
    /// What learns, and how it travels.
    public let parameters: RunParameters
    /// The run's seed.
    public let seed: UInt64

    /// Everything a run's micro-shards share.
    public init(
        teaching: Teaching?, plan: ObjectivePlan, parameters: RunParameters, seed: UInt64
    ) {
        self.teaching = teaching
        self.plan = plan
        self.parameters = parameters
        self.seed = seed
    }

    /// The student's network.
    public var student: any Network { parameters.network }
    /// The objectives.
    public var objectives: WeightedSum { plan.sum }
    /// How what learns travels.
    public var layout: BucketLayout { parameters.layout }
    /// Where the student's statistics stand.
    public var statistics: StatisticsLayout { parameters.statistics }
}

/// The values of one version of everything a micro-shard is computed with.
public struct StepWeights: Sendable {
    /// The student's weights, in the order of its specifications.
    public let student: Weights
    /// The objectives' own parameters, in the order of theirs.
    public let own: Weights
    /// The moving averages of both; nil where no objective asks for them.
    public let average: (student: Weights, own: Weights)?

    /// The given values.
    public init(
        student: Weights, own: Weights = Weights(),
        average: (student: Weights, own: Weights)? = nil
    ) {
        self.student = student
        self.own = own
        self.average = average
    }
}
