import Tensors

extension SimulatedCluster {
    /// Rates and extents of the faults of a simulated run.
    package struct Faults: Sendable {
        /// The share of messages that arrive a second time, later.
        package var duplicated = 0.0
        /// The share of messages after which their connection is cut.
        package var cut = 0.0
        /// The longest delay of a message, seconds.
        package var delay = 0.01
        /// The share of events after which the worker or relay that handled them is killed.
        package var killed = 0.0
        /// The share of events after which the worker or relay that handled them hangs.
        package var hung = 0.0
        /// The longest time that it hangs, seconds.
        package var hanging = 12.0
        /// The share of the coordinator's actions before which it is killed.
        package var restarted = 0.0
        /// The first worker's computing time, in multiples of the others'.
        package var slow = 1.0

        /// Faults at these rates; none unless specified.
        package init(
            duplicated: Double = 0, cut: Double = 0, delay: Double = 0.01, killed: Double = 0,
            hung: Double = 0, restarted: Double = 0, slow: Double = 1
        ) {
            self.duplicated = duplicated
            self.cut = cut
            self.delay = delay
            self.killed = killed
            self.hung = hung
            self.restarted = restarted
            self.slow = slow
        }
    }
}

/// Random decisions of a simulated run, all drawn from one seed.
final class FaultSource {
    private var random: CounterGenerator

    init(seed: UInt64) {
        random = CounterGenerator(seed: seed, purpose: .init("simulated faults"))
    }

    /// A number from 0 up to 1.
    func share() -> Double { Double(random.uniform()) }

    /// Whether something of this probability happens.
    func happens(_ probability: Double) -> Bool { probability > 0 && share() < probability }

    /// A whole number from 0 up to a bound.
    func number(below bound: Int) -> Int { random.index(below: bound) }
}

/// Decides at each of a coordinator's actions whether it is killed before it.
///
/// What a killed coordinator would do next has no effect: its transport sends nothing more and its run
/// stores nothing more, until the simulation replaces it.
final class CrashPoint {
    private let source: FaultSource
    private let probability: Double
    private(set) var hasCrashed = false

    init(_ source: FaultSource, probability: Double) {
        self.source = source
        self.probability = probability
    }

    /// Whether the action that follows takes effect.
    func pass() -> Bool {
        if !hasCrashed, source.happens(probability) { hasCrashed = true }
        return !hasCrashed
    }
}
