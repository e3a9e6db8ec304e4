/// Decides when a worker calls its coordinator again, and when it gives up.
///
/// Delays double from 0.1 s to 2 s. Each is shortened by a random share, so that many workers of a
/// restarted coordinator do not call at the same moment.
package struct ReconnectPolicy {
    private let timeout: Duration
    private var lastSeen: Duration
    private var attempt = 0

    /// A policy of a worker that calls for the first time.
    ///
    /// - Parameters:
    ///   - timeout: the longest absence of the coordinator.
    ///   - now: the time of the first call.
    package init(timeout: Duration, at now: Duration) {
        self.timeout = timeout
        lastSeen = now
    }

    /// Records the end of a session that was welcomed: the coordinator was there until now.
    package mutating func wasConnected(at now: Duration) {
        lastSeen = now
        attempt = 0
    }

    /// The delay before the next call, seconds; nil if the coordinator has been absent for too long.
    ///
    /// - Parameter share: a random number from 0.3 to 1.
    package mutating func nextDelay(at now: Duration, share: Double) -> Double? {
        guard now - lastSeen < timeout else { return nil }
        attempt += 1
        return share * min(Double(1 << min(attempt, 5)) * 0.1, 2)
    }
}
