import Messages
package import Telemetry
package import Training

/// Measures the phases of a coordinator's steps, and those that its workers report.
///
/// The coordinator has one thread, which states each phase that it enters; every moment counts for
/// one phase at most. Times are those of the coordinator's clock.
struct StepWatch {
    /// Seconds of the current step by phase.
    private(set) var phases: [Phase: Double] = [:]
    /// The spans of coordinator and workers in the current step.
    private(set) var spans: [Span] = []
    /// The start of the current step.
    private(set) var began: Duration
    private var phase: Phase?
    /// The time at which the phase was entered.
    private var since: Duration
    private let clock: MonotonicClock
    /// The spans of the last steps.
    private(set) var recentTrace = Trace()
    /// Seconds of each of the last steps.
    private var recentSeconds: [Double] = []
    private var work: [String: Double] = [:]
    private var costs: [String: Double] = [:]

    // A step has thousands of shorter ones: they are counted, but a trace that stored them would be
    // too large to draw.
    private static let shortestSpan = 2e-4
    private static let recentSteps = 50
    private static let mostNames = 4096

    /// A watch whose first step begins now.
    init(_ clock: MonotonicClock) {
        self.clock = clock
        (began, since) = (clock.now, clock.now)
    }

    /// Enters a phase, or none; returns the phase before, to be entered again.
    @discardableResult
    mutating func enter(_ next: Phase?) -> Phase? { enter(next, at: clock.now) }

    private mutating func enter(_ next: Phase?, at now: Duration) -> Phase? {
        let before = phase
        if let before {
            let seconds = (now - since).seconds
            phases[before, default: 0] += seconds
            if before != .idle, seconds >= Self.shortestSpan {
                spans.append(
                    Span(
                        actor: "coordinator", phase: before, start: since.seconds,
                        seconds: seconds))
            }
        }
        (phase, since) = (next, now)
        return before
    }

    /// Records the phases of micro-shards that a worker reports, of which the last has just ended.
    ///
    /// - Parameter threads: the number of those micro-shards that were computed at once.
    mutating func record(_ times: ShardTimes, of worker: String, threads: Int) {
        var end = clock.now.seconds
        for phase in ShardPhase.allCases.reversed() {
            let seconds = times[phase].seconds / Double(max(threads, 1))
            guard seconds > 0 else { continue }
            end -= seconds
            spans.append(Span(actor: worker, phase: phase.recorded, start: end, seconds: seconds))
        }
    }

    /// Ends a step; returns its spans, and its seconds by phase.
    mutating func endStep(_ step: Int) -> (trace: Trace.Step, phases: [Phase: Double]) {
        let now = clock.now
        let current = enter(nil, at: now)
        let trace = Trace.Step(
            step: step, start: began.seconds, seconds: (now - began).seconds,
            spans: spans)
        recentTrace.keep(trace)
        let result = (trace, phases)
        recentSeconds = recentSeconds.suffix(Self.recentSteps - 1) + [trace.seconds]
        begin(at: now)
        _ = enter(current, at: now)
        return result
    }

    /// Ends a validation; returns its seconds, which belong to no step.
    mutating func endValidation() -> Double {
        let now = clock.now
        defer { begin(at: now) }
        return (now - began).seconds
    }

    /// Begins a step.
    mutating func begin() { begin(at: clock.now) }

    private mutating func begin(at now: Duration) {
        let current = enter(nil, at: now)
        (phases, spans, began) = ([:], [], now)
        _ = enter(current, at: now)
    }

    /// Records the seconds that a thread of each worker worked in a step.
    mutating func record(work done: [(name: String, seconds: Double)]) {
        guard let times = PhaseTimes(done.map { (worker: $0.name, seconds: $0.seconds) }) else {
            return
        }
        // Workers choose their names: those of workers that have gone must not stay for ever.
        if work.count + costs.count > Self.mostNames {
            let present = Set(done.map(\.name))
            work = work.filter { present.contains($0.key) }
            costs = costs.filter { present.contains($0.key) }
        }
        for (name, seconds) in done {
            work[name] = work[name].map { 0.9 * $0 + 0.1 * seconds } ?? seconds
        }
        if done.count > 1 { costs[times.slowest, default: 0] += times.maximum - times.median }
    }

    /// Mean seconds of the last steps; nil before the first.
    var secondsPerStep: Double? {
        recentSeconds.isEmpty
            ? nil : recentSeconds.reduce(0, +) / Double(recentSeconds.count)
    }

    /// Mean seconds per step that a thread of a worker worked.
    func work(of worker: String) -> Double { work[worker] ?? 0 }
    /// Seconds that steps have waited for a worker longer than for the median one.
    func cost(of worker: String) -> Double { costs[worker] ?? 0 }
}

extension ShardPhase {
    /// The phase in records.
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
