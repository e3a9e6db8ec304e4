/// What one training step was like: a line of the step log.
public struct StepRecord: LogRecord, Equatable {
    /// The version of this layout; it grows when a member changes its meaning or goes.
    public var schema = StepRecord.currentSchema
    /// Steps done, this one included.
    public var step: Int
    /// Passes over the data that were complete before it.
    public var pass: Int
    /// The version of the weights it left behind.
    public var weightsVersion: Int
    /// When it ended, in seconds since 1970.
    public var time: Double
    /// How long it took, in seconds.
    public var seconds: Double
    /// The loss over the mini-batch.
    public var loss: Double
    /// The loss's terms under their names, each without its weight.
    public var terms: [String: Double]
    /// The terms' weights at this step.
    public var weights: [String: Double]?
    /// The norms of the terms' gradients by the student's signals (scores and tapped features of all
    /// points), each without its weight: times the weight it says how much a term pulls.
    public var gradientNorms: [String: Double]?
    /// What the terms report about themselves: shares of points that masks keep, effective ranks.
    public var metrics: [String: Double]?
    /// The norm of the whole gradient before clipping.
    public var gradientNorm: Double
    /// The learning rates of the groups of parameters.
    public var learningRates: [String: Double]
    /// Samples (clouds) in the mini-batch.
    public var samples: Int
    /// Points in the mini-batch.
    public var points: Int
    /// Samples a second; 0 if the step took no time.
    public private(set) var samplesPerSecond: Double
    /// Points a second; 0 if the step took no time.
    public private(set) var pointsPerSecond: Double
    /// What the time went into, over the workers; a worker's threads add up.
    public var phases: [Phase: PhaseTimes]
    /// What the coordinator's one thread spent the step on, seconds: with ``unattributed`` they add
    /// up to ``seconds``.
    public var coordinator: [Phase: Double]?
    /// Seconds of which the coordinator cannot say what it did.
    public var unattributed: Double?
    /// Bytes from the workers to the coordinator.
    public var bytesUp: Int
    /// Bytes from the coordinator to the workers.
    public var bytesDown: Int
    /// Micro-shards that were given to another worker as well, or anew.
    public var reissued: Int
    /// Results that came a second time.
    public var duplicates: Int
    /// Workers that came.
    public var joins: Int
    /// Workers that were lost.
    public var deaths: Int
    /// Workers at the end of the step.
    public var workers: Int
    /// Who waited for whom when nothing advanced for too long; nil if that did not happen.
    public var standstill: String?
    /// What each worker's process has asked of its system, under the worker's name.
    public var memory: [String: MemoryUse]?
    /// A digest of the weights the step left behind, at steps after which a checkpoint is written.
    public var weightsDigest: String?

    /// The layout written by this version.
    public static let currentSchema = 1

    /// A record of a step; what is not given did not happen.
    public init(
        step: Int, pass: Int = 0, weightsVersion: Int, time: Double, seconds: Double,
        loss: Double, terms: [String: Double] = [:], weights: [String: Double]? = nil,
        gradientNorms: [String: Double]? = nil, metrics: [String: Double]? = nil,
        gradientNorm: Double = 0,
        learningRates: [String: Double] = [:], samples: Int = 0, points: Int = 0,
        phases: [Phase: PhaseTimes] = [:], coordinator: [Phase: Double]? = nil, bytesUp: Int = 0,
        bytesDown: Int = 0,
        reissued: Int = 0, duplicates: Int = 0, joins: Int = 0, deaths: Int = 0, workers: Int = 1,
        standstill: String? = nil, memory: [String: MemoryUse]? = nil,
        weightsDigest: String? = nil
    ) {
        self.step = step
        self.pass = pass
        self.weightsVersion = weightsVersion
        self.time = time
        self.seconds = seconds
        self.loss = loss
        self.terms = terms
        self.weights = weights
        self.gradientNorms = gradientNorms
        self.metrics = metrics
        self.gradientNorm = gradientNorm
        self.learningRates = learningRates
        self.samples = samples
        self.points = points
        samplesPerSecond = seconds > 0 ? Double(samples) / seconds : 0
        pointsPerSecond = seconds > 0 ? Double(points) / seconds : 0
        self.phases = phases
        self.bytesUp = bytesUp
        self.bytesDown = bytesDown
        self.reissued = reissued
        self.duplicates = duplicates
        self.joins = joins
        self.deaths = deaths
        self.workers = workers
        self.standstill = standstill
        self.memory = memory
        self.weightsDigest = weightsDigest
        self.coordinator = coordinator
        unattributed = coordinator.map { max(0, seconds - $0.values.sorted().reduce(0, +)) }
    }
}
