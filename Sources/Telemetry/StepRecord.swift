/// What one training step was like: a line of the step log.
package struct StepRecord: LogRecord, Equatable {
    /// The version of this layout; it grows when a member changes its meaning or goes.
    package var schema = StepRecord.currentSchema
    /// Steps done, this one included.
    package var step: Int
    /// Passes over the data that were complete before it.
    package var pass: Int
    /// The version of the weights it left behind.
    package var weightsVersion: Int
    /// When it ended, in seconds since 1970.
    package var time: Double
    /// How long it took, in seconds.
    package var seconds: Double
    /// The loss over the mini-batch.
    package var loss: Double
    /// The loss's terms under their names, each without its weight.
    package var terms: [String: Double]
    /// The terms' weights at this step.
    package var weights: [String: Double]?
    /// The norms of the terms' gradients by the student's outputs (scores and tapped features of all
    /// points), each without its weight: times the weight it says how much a term pulls.
    package var gradientNorms: [String: Double]?
    /// What the terms report about themselves: shares of points that masks keep, effective ranks.
    package var metrics: [String: Double]?
    /// The norm of the whole gradient before clipping.
    package var gradientNorm: Double
    /// The learning rates of the groups of parameters.
    package var learningRates: [String: Double]
    /// Samples (clouds) in the mini-batch.
    package var samples: Int
    /// Points in the mini-batch.
    package var points: Int
    /// Samples a second; 0 if the step took no time.
    package private(set) var samplesPerSecond: Double
    /// Points a second; 0 if the step took no time.
    package private(set) var pointsPerSecond: Double
    /// What the time went into, over the workers; a worker's threads add up.
    package var phases: [Phase: PhaseTimes]
    /// What the coordinator's one thread spent the step on, seconds: with ``unattributed`` they add
    /// up to ``seconds``.
    package var coordinator: [Phase: Double]?
    /// Seconds of which the coordinator cannot say what it did.
    package var unattributed: Double?
    /// Bytes from the workers to the coordinator.
    package var bytesUp: Int
    /// Bytes from the coordinator to the workers.
    package var bytesDown: Int
    /// Micro-shards that were given to another worker as well, or anew.
    package var reissued: Int
    /// Results that came a second time.
    package var duplicates: Int
    /// Workers that came.
    package var joins: Int
    /// Workers that were lost.
    package var deaths: Int
    /// Workers at the end of the step.
    package var workers: Int
    /// Who waited for whom when nothing advanced for too long; nil if that did not happen.
    package var standstill: String?
    /// What each worker's process has asked of its system, under the worker's name.
    package var memory: [String: MemoryUse]?
    /// A digest of the weights the step left behind, at steps after which a checkpoint is written.
    package var weightsDigest: String?

    /// The layout written by this version.
    package static let currentSchema = 1

    /// A record of a step; what is not given did not happen.
    package init(
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
