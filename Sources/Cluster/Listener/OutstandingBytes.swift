import Synchronization
import ZeroMQ

/// Counts the bytes sent to a peer that still occupy memory because the peer has not taken them.
///
/// Transports release a frame once its last byte has left for the peer, whichever way they carry it.
/// A counted frame therefore wraps the one that was sent and is subtracted when it is released.
final class OutstandingBytes: Sendable {
    private let bytes = Atomic(0)

    // libzmq copies shorter frames into its queue, whose length the high-water mark limits.
    private static let shortestCounted = 513

    /// The number of bytes that the peer has not taken.
    var count: Int { bytes.load(ordering: .relaxed) }

    /// A frame of the same bytes, counted until it is released.
    func counting(_ frame: Frame) -> Frame {
        frame.count < Self.shortestCounted ? frame : Frame(Counted(frame, self))
    }

    private final class Counted: FrameSource {
        private let frame: Frame
        private let total: OutstandingBytes

        init(_ frame: Frame, _ total: OutstandingBytes) {
            self.frame = frame
            self.total = total
            total.bytes.wrappingAdd(frame.count, ordering: .relaxed)
        }

        deinit { total.bytes.wrappingSubtract(frame.count, ordering: .relaxed) }

        func withFrameBytes(_ body: (RawSpan) -> Void) { frame.withBytes(body) }
    }
}
