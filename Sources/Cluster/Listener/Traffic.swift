import Glibc

/// Counts of what a listener's connections have carried, and of how punctual its workers were.
package struct Traffic: Sendable {
    /// Messages received and sent.
    package internal(set) var messages = (up: 0, down: 0)
    /// Bytes of those messages.
    package internal(set) var bytes = (up: 0, down: 0)
    /// Heartbeats received.
    package internal(set) var heartbeats = 0
    /// Intervals between two messages of a worker longer than two heartbeats.
    package internal(set) var lateHeartbeats = 0
    /// The longest interval between two messages of a worker.
    package internal(set) var longestSilence = Duration.zero
    /// Bytes of gradients received, and the processor time spent on them: receiving, checking and
    /// adding.
    package internal(set) var gradients = (bytes: 0, time: Duration.zero)

    /// No traffic.
    package init() {}

    /// Records a message of a ready worker that was silent before.
    mutating func recordMessage(after silence: Duration, heartbeatTimeout: Duration) {
        if silence > longestSilence { longestSilence = silence }
        if silence > heartbeatTimeout / 5 * 2 { lateHeartbeats += 1 }
    }
}

/// The processor time of the calling thread.
func threadTime() -> Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

/// The difference of two counts.
func - (later: (up: Int, down: Int), earlier: (up: Int, down: Int)) -> (up: Int, down: Int) {
    (later.up - earlier.up, later.down - earlier.down)
}
