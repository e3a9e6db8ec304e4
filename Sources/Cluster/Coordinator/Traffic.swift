import Glibc

/// What a coordinator's connections have carried since it began to listen, and how it kept up.
package struct Traffic: Sendable {
    /// Messages received and sent.
    package internal(set) var messages = (up: 0, down: 0)
    /// Their bytes.
    package internal(set) var bytes = (up: 0, down: 0)
    /// Heartbeats heard.
    package internal(set) var heartbeats = 0
    /// Silences of a worker that were longer than the time for two heartbeats.
    package internal(set) var lateHeartbeats = 0
    /// The longest that nothing was heard of any one worker.
    package internal(set) var longestSilence = Duration.zero
    /// Bytes of gradients received, and how long the processor was at them: taking them in, checking
    /// them, adding them up.
    package internal(set) var gradients = (bytes: 0, time: Duration.zero)

    /// Nothing yet.
    package init() {}

    /// Takes in that a worker that is ready was heard of after a silence.
    mutating func hear(after silence: Duration, heartbeatTimeout: Duration) {
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

/// What was received and sent meanwhile.
func - (later: (up: Int, down: Int), earlier: (up: Int, down: Int)) -> (up: Int, down: Int) {
    (later.up - earlier.up, later.down - earlier.down)
}
