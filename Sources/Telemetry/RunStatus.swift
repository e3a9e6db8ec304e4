/// How a run is doing at this moment: what its coordinator answers whoever asks.
package struct RunStatus: Codable, Sendable, Equatable {
    /// What is going on.
    package enum Stage: String, Codable, Sendable {
        /// Too few workers are there.
        case waiting
        /// Steps are taken.
        case training
        /// The student is measured.
        case validating
        /// Nothing is left to do.
        case finished
    }

    /// A worker as the coordinator knows it.
    package struct Worker: Codable, Sendable, Equatable {
        /// What records call it: `host/name`.
        package var name: String
        /// Micro-shards it computes at once.
        package var threads: Int
        /// Whether it takes work.
        package var isReady: Bool
        /// Whether something is in its hands.
        package var isBusy: Bool
        /// Seconds since it was heard.
        package var silence: Double
        /// Mean seconds a step that one of its threads worked, over the last steps.
        package var work: Double
        /// Seconds that steps have lost so far by waiting for it longer than for the middle worker.
        package var cost: Double
        /// Whether it is kept aside until somebody is lost.
        package var isSpare: Bool

        /// A worker in these figures.
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

        /// What it does, in a word.
        package var state: String {
            guard isReady else { return "preparing" }
            return isBusy ? "computing" : isSpare ? "spare" : "waiting"
        }
    }

    /// The run's id.
    package var run: String
    /// What is going on.
    package var stage: Stage
    /// Steps done.
    package var step: Int
    /// Steps of the whole run.
    package var steps: Int
    /// Workers without which nothing goes on.
    package var missing: Int
    /// Mean seconds a step, over the last steps; nil before the first.
    package var secondsAStep: Double?
    /// The loss of the last step.
    package var loss: Double?
    /// Its terms by name, each without its weight.
    package var terms: [String: Double]
    /// Everyone who is connected.
    package var workers: [Worker]

    /// What everybody did in the last steps, for whoever asked for it.
    package var recent: [Trace.Step]?

    /// A status of these figures.
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

    /// Seconds until the last step, at the present rate.
    package var remaining: Double? { secondsAStep.map { $0 * Double(max(0, steps - step)) } }

    /// Whose slowness has cost most; nil where nobody's has cost anything.
    package var slowest: Worker? {
        workers.filter { $0.cost > 0 }.max { ($0.cost, $1.name) < ($1.cost, $0.name) }
    }
}
