/// The record of a training step: a line of the step log.
package struct StepRecord: LogRecord, Equatable {
    /// The version of the layout, which increases when a member is removed or changes its meaning.
    package var schema = StepRecord.currentSchema
    /// The number of completed steps, this one included.
    package var step: Int
    /// The number of passes over the data that were complete before the step.
    package var pass: Int
    /// The version of the weights after the step.
    package var weightsVersion: Int
    /// The end of the step, in seconds since 1970.
    package var time: Double
    /// The duration in seconds.
    package var seconds: Double
    /// The loss over the mini-batch.
    package var loss: Double
    /// The terms of the loss by name, each without its weight.
    package var terms: [String: Double]
    /// The terms' weights at this step.
    package var weights: [String: Double]?
    /// The norms of the terms' gradients with respect to the student's outputs (scores and tapped
    /// features of all points), each without its weight.
    ///
    /// Multiplied by the weight, the norm is the term's influence on the student.
    package var gradientNorms: [String: Double]?
    /// Metrics of the terms, such as shares of points that masks keep, and effective ranks.
    package var metrics: [String: Double]?
    /// The norm of the whole gradient before clipping.
    package var gradientNorm: Double
    /// The learning rates of the groups of parameters.
    package var learningRates: [String: Double]
    /// Samples (clouds) in the mini-batch.
    package var samples: Int
    /// Points in the mini-batch.
    package var points: Int
    /// Samples per second; 0 if the step took no time.
    package private(set) var samplesPerSecond: Double
    /// Points per second; 0 if the step took no time.
    package private(set) var pointsPerSecond: Double
    /// The time of each phase over the workers; the times of a worker's threads are added.
    package var phases: [Phase: PhaseTimes]
    /// The seconds that the coordinator's thread spent on each phase; with ``unattributed``, their
    /// sum is ``seconds``.
    package var coordinator: [Phase: Double]?
    /// Seconds of the coordinator's thread that belong to no phase.
    package var unattributed: Double?
    /// Bytes from the workers to the coordinator.
    package var bytesUp: Int
    /// Bytes from the coordinator to the workers.
    package var bytesDown: Int
    /// Micro-shards that were leased again.
    package var reissued: Int
    /// Results that were received more than once.
    package var duplicates: Int
    /// Workers that joined.
    package var joins: Int
    /// Workers that were lost.
    package var deaths: Int
    /// Workers at the end of the step.
    package var workers: Int
    /// The report of a stall, which names the workers that were waited for; nil without a stall.
    package var standstill: String?
    /// The memory use of each worker's process, by the worker's name.
    package var memory: [String: MemoryUse]?
    /// A digest of the weights after the step, at steps with a checkpoint.
    package var weightsDigest: String?

    /// The layout written by this version.
    package static let currentSchema = 1

    /// A record of a step; counts that are not given are 0.
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
