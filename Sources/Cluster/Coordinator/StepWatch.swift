import Messages
package import Telemetry
package import Training

/// Where a coordinator's time goes, step by step, and its workers', as far as they tell.
///
/// The coordinator is one thread: it says when it turns to something else, and what it does is then
/// counted for exactly one phase. Time for which nothing was said stays unattributed.
struct StepWatch {
    /// What the step at hand cost so far, by phase.
    private(set) var phases: [Phase: Double] = [:]
    /// What everybody did in the step at hand.
    private(set) var spans: [Span] = []
    /// When the step at hand began.
    private(set) var began = ContinuousClock.now
    private let origin: ContinuousClock.Instant
    private var phase: Phase?
    private var since = ContinuousClock.now
    /// What everybody did in the last steps.
    private(set) var lately = Trace()
    /// Seconds of the last steps.
    private var recent: [Double] = []
    private var work: [String: Double] = [:]
    private var costs: [String: Double] = [:]

    /// Shorter stretches of the coordinator's time are counted, but not kept as spans.
    private static let shortestSpan = 2e-4
    private static let recentSteps = 50

    init(origin: ContinuousClock.Instant) { self.origin = origin }

    /// Turns to something else; gives what was done before, to turn back to.
    mutating func turn(to next: Phase?, at now: ContinuousClock.Instant = .now) -> Phase? {
        let before = phase
        if let before {
            let seconds = (now - since).seconds
            phases[before, default: 0] += seconds
            if before != .idle, seconds >= Self.shortestSpan {
                spans.append(
                    Span(
                        actor: "coordinator", phase: before, start: (since - origin).seconds,
                        seconds: seconds))
            }
        }
        (phase, since) = (next, now)
        return before
    }

    /// Takes note of what a worker says some micro-shards took: one phase after the other, the last
    /// of which has just ended.
    ///
    /// - Parameter threads: how many of the micro-shards were computed at once.
    mutating func note(_ times: ShardTimes, of worker: String, threads: Int) {
        var end = (ContinuousClock.now - origin).seconds
        for phase in ShardPhase.allCases.reversed() {
            let seconds = times[phase].seconds / Double(max(threads, 1))
            guard seconds > 0 else { continue }
            end -= seconds
            spans.append(Span(actor: worker, phase: phase.recorded, start: end, seconds: seconds))
        }
    }

    /// What a step came to; what follows belongs to the next one.
    mutating func endStep(_ step: Int) -> (trace: Trace.Step, phases: [Phase: Double]) {
        let now = ContinuousClock.now
        let current = turn(to: nil, at: now)
        let trace = Trace.Step(
            step: step, start: (began - origin).seconds, seconds: (now - began).seconds,
            spans: spans)
        lately.keep(trace)
        let result = (trace, phases)
        recent = recent.suffix(Self.recentSteps - 1) + [trace.seconds]
        begin(at: now)
        _ = turn(to: current, at: now)
        return result
    }

    /// Seconds since the last step, which a validation took; what follows belongs to the next step.
    mutating func endValidation() -> Double {
        let now = ContinuousClock.now
        defer { begin(at: now) }
        return (now - began).seconds
    }

    /// Counts from now on.
    mutating func begin(at now: ContinuousClock.Instant = .now) {
        let current = turn(to: nil, at: now)
        (phases, spans, began) = ([:], [], now)
        _ = turn(to: current, at: now)
    }

    /// Takes note of how long the threads of each worker worked in a step.
    mutating func note(work done: [(name: String, seconds: Double)]) {
        guard let times = PhaseTimes(done.map { (worker: $0.name, seconds: $0.seconds) }) else {
            return
        }
        for (name, seconds) in done {
            work[name] = work[name].map { 0.9 * $0 + 0.1 * seconds } ?? seconds
        }
        if done.count > 1 { costs[times.slowest, default: 0] += times.maximum - times.median }
    }

    /// Mean seconds of the last steps; nil before the first.
    var secondsAStep: Double? {
        recent.isEmpty ? nil : recent.reduce(0, +) / Double(recent.count)
    }

    /// Mean seconds a step that a thread of a worker worked.
    func work(of worker: String) -> Double { work[worker] ?? 0 }
    /// What a worker's slowness has cost so far, seconds.
    func cost(of worker: String) -> Double { costs[worker] ?? 0 }
}

extension ShardPhase {
    /// What records call it.
    package var recorded: Phase {
        switch self {
        case .data: .data
        case .teacher: .teacher
        case .student: .student
        case .contribution: .contribution
        case .exchange: .exchangeWait
        case .objectives: .objectives
        case .backward: .backward
        }
    }
}
