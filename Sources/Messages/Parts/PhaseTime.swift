/// The time that a worker spent in one phase.
package struct PhaseTime: WireRecord {
    /// The phase's number.
    package var phase: UInt8
    /// The phase's duration.
    package var nanoseconds: UInt64

    package static let layout = Layout(
        PhaseTime.init(phase:nanoseconds:),
        .value("phase", \.phase),
        .value("nanoseconds", \.nanoseconds))

    /// A record with the given fields.
    package init(phase: UInt8, nanoseconds: UInt64) {
        self.phase = phase
        self.nanoseconds = nanoseconds
    }
}
