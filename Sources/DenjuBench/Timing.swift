import Reporting

/// How long repetitions of one thing took, in seconds.
struct Timing {
    /// In the order in which they were taken.
    let seconds: [Double]

    /// The time half of the repetitions stay below.
    var median: Double { seconds.median }
    /// The shortest.
    var least: Double { seconds.min() ?? 0 }

    /// Times `body` so many times, after `warmUp` calls that do not count.
    init(warmUp: Int, passes: Int, _ body: () throws -> Void) rethrows {
        var taken: [Double] = []
        for pass in 0..<warmUp + passes {
            let start = ContinuousClock.now
            try body()
            if pass >= warmUp { taken.append((ContinuousClock.now - start) / .seconds(1)) }
        }
        seconds = taken
    }
}
