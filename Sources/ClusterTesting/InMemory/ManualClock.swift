package import Cluster
import Synchronization

/// Clock that a simulation moves.
package final class ManualClock: Sendable {
    private let time: Mutex<Duration>

    /// A clock at a time.
    package init(at time: Duration = .zero) { self.time = Mutex(time) }

    /// The time it was set to last.
    package var now: Duration { time.withLock { $0 } }

    /// Moves it forward to a time; an earlier one changes nothing.
    package func advance(to time: Duration) { self.time.withLock { $0 = max($0, time) } }

    /// The clock as listeners, drivers and sessions read it.
    package var reading: MonotonicClock { MonotonicClock { [self] in now } }
}
