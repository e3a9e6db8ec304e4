/// The parts of a step's work whose time is recorded.
package enum ShardPhase: UInt8, Sendable, CaseIterable {
    /// Reading, transforming and voxelising clouds.
    case data
    /// The teacher's forward pass.
    case teacher
    /// The student's forward pass.
    case student
    /// What the objectives need to know of the mini-batch.
    case contribution
    /// Waiting for the totals.
    case exchange
    /// The objectives' values and gradients.
    case objectives
    /// The student's backward pass.
    case backward
}

/// How long the parts of some work took.
package struct ShardTimes: Sendable, Equatable {
    private var durations: [Duration] = Array(repeating: .zero, count: ShardPhase.allCases.count)

    /// Nothing yet.
    package init() {}

    /// The time of a part.
    package subscript(_ phase: ShardPhase) -> Duration {
        get { durations[Int(phase.rawValue)] }
        set { durations[Int(phase.rawValue)] = newValue }
    }

    /// All of it but waiting for others.
    package var work: Duration {
        ShardPhase.allCases.reduce(.zero) { $1 == .exchange ? $0 : $0 + self[$1] }
    }

    /// Both together.
    package static func + (a: ShardTimes, b: ShardTimes) -> ShardTimes {
        var sum = a
        for phase in ShardPhase.allCases { sum[phase] += b[phase] }
        return sum
    }

    /// Adds the time `body` takes to a part.
    package mutating func measure<Result>(
        _ phase: ShardPhase, _ body: () throws -> Result
    ) rethrows -> Result {
        let start = ContinuousClock.now
        let result = try body()
        self[phase] += ContinuousClock.now - start
        return result
    }
}
