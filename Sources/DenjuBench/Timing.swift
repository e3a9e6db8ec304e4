import Reporting

/// The times of repetitions, in seconds.
struct Timing {
    /// The time of each repetition, in order.
    let seconds: [Double]

    /// The median time.
    var median: Double { seconds.median }
    /// The shortest time.
    var least: Double { seconds.min() ?? 0 }

    /// Times `passes` calls of `body` after `warmUp` untimed ones.
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
