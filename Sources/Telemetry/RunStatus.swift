/// The current status of a run, as its coordinator reports it.
package struct RunStatus: Codable, Sendable, Equatable {
    /// The stage of a run.
    package enum Stage: String, Codable, Sendable {
        /// The run waits for workers.
        case waiting
        /// The run computes steps.
        case training
        /// The run evaluates the student.
        case validating
        /// The run is complete.
        case finished
    }

    /// The status of a worker.
    package struct Worker: Codable, Sendable, Equatable {
        /// The worker's name in records: `host/name`.
        package var name: String
        /// Micro-shards that the worker computes at once.
        package var threads: Int
        /// Whether the worker is ready for work.
        package var isReady: Bool
        /// Whether the worker holds a lease.
        package var isBusy: Bool
        /// Seconds since the worker's last message.
        package var silence: Double
        /// Mean seconds per step that one of its threads has computed, over the last steps.
        package var work: Double
        /// Seconds that steps have waited longer for this worker than for the median worker, so
        /// far.
        package var cost: Double
        /// Whether the worker is on standby until another one is lost.
        package var isSpare: Bool

        /// A worker's status.
        package init(
            name: String, threads: Int, isReady: Bool, isBusy: Bool, silence: Double, work: Double,
            cost: Double, isSpare: Bool = false
        ) {
            self.name = name
            self.threads = threads
            self.isReady = isReady
            self.isBusy = isBusy
            self.silence = silence
            self.work = work
            self.cost = cost
            self.isSpare = isSpare
        }

        /// The worker's activity, in a word.
        package var state: String {
            guard isReady else { return "preparing" }
            return isBusy ? "computing" : isSpare ? "spare" : "waiting"
        }
    }

    /// The id of the run.
    package var run: String
    /// The stage of the run.
    package var stage: Stage
    /// The number of completed steps.
    package var step: Int
    /// The number of steps of the whole run.
    package var steps: Int
    /// The number of workers that are missing to continue.
    package var missing: Int
    /// Mean seconds per step, over the last steps; nil before the first.
    package var secondsAStep: Double?
    /// The loss of the last step.
    package var loss: Double?
    /// The terms of that loss by name, each without its weight.
    package var terms: [String: Double]
    /// The connected workers.
    package var workers: [Worker]

    /// The spans of the last steps; nil unless requested.
    package var recent: [Trace.Step]?

    /// A run's status.
    package init(
        run: String, stage: Stage, step: Int, steps: Int, missing: Int, secondsAStep: Double?,
        loss: Double?, terms: [String: Double], workers: [Worker]
    ) {
        self.run = run
        self.stage = stage
        self.step = step
        self.steps = steps
        self.missing = missing
        self.secondsAStep = secondsAStep
        self.loss = loss
        self.terms = terms
        self.workers = workers
    }

    /// Seconds until the last step at the current rate.
    package var remaining: Double? { secondsAStep.map { $0 * Double(max(0, steps - step)) } }

    /// The worker that steps have waited for most; nil if there was no waiting.
    package var slowest: Worker? {
        workers.filter { $0.cost > 0 }.max { ($0.cost, $1.name) < ($1.cost, $0.name) }
    }
}
