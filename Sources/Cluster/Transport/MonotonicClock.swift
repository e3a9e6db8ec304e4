/// Source of time for listeners, drivers and sessions.
///
/// Times are durations since an origin of the clock's choice, as the state machines take them. They
/// never decrease. Everything that measures or waits reads the clock it was given, so that a
/// simulation moves the time of all parts at once.
package struct MonotonicClock: Sendable {
    private let read: @Sendable () -> Duration

    /// A clock that reads the time with a closure, which must never return less than before.
    package init(_ read: @escaping @Sendable () -> Duration) { self.read = read }

    /// The machine's clock, counted from now on.
    package static func system() -> MonotonicClock { system(origin: ContinuousClock.now) }

    /// The machine's clock, counted from an instant.
    package static func system(origin: ContinuousClock.Instant) -> MonotonicClock {
        MonotonicClock { ContinuousClock.now - origin }
    }

    /// The time since the origin.
    package var now: Duration { read() }
}
