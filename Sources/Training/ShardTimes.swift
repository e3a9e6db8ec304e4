/// Phases of a step's work whose time is recorded.
package enum ShardPhase: UInt8, Sendable, CaseIterable {
    /// Reading, transforming and voxelising clouds.
    case data
    /// The teacher's forward pass.
    case teacher
    /// The student's forward pass.
    case student
    /// The objectives' contributions.
    case contribution
    /// Waiting for the totals.
    case exchange
    /// The objectives' values and gradients.
    case objectives
    /// The student's backward pass.
    case backward
}

/// Times of the phases of some work.
package struct ShardTimes: Sendable, Equatable {
    private var durations: [Duration] = Array(repeating: .zero, count: ShardPhase.allCases.count)

    /// No time.
    package init() {}

    /// The time of a phase.
    package subscript(_ phase: ShardPhase) -> Duration {
        get { durations[Int(phase.rawValue)] }
        set { durations[Int(phase.rawValue)] = newValue }
    }

    /// The time of all phases except waiting for other micro-shards.
    package var work: Duration {
        ShardPhase.allCases.reduce(.zero) { $1 == .exchange ? $0 : $0 + self[$1] }
    }

    /// The sum of both.
    package static func + (a: ShardTimes, b: ShardTimes) -> ShardTimes {
        var sum = a
        for phase in ShardPhase.allCases { sum[phase] += b[phase] }
        return sum
    }

    /// Adds the time that `body` takes to a phase.
    package mutating func measure<Result>(
        _ phase: ShardPhase, _ body: () throws -> Result
    ) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try body()
        self[phase] += ContinuousClock.now - start
        return result
    }
}

extension ShardReport {
    /// The report with its times shortened in proportion, if they state more work than a limit.
    package func limiting(work limit: Duration) -> ShardReport {
        var report = self
        let work = times.work
        guard work > limit, work > .zero else { return report }
        let share = max(limit, .zero) / work
        for phase in ShardPhase.allCases { report.times[phase] = times[phase] * share }
        return report
    }
}
