/// Bytes that any number of frames share, whole or in slices.
package final class SharedBytes: FrameSource {
    private let bytes: [UInt8]

    /// The given bytes.
    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The number of bytes.
    package var count: Int { bytes.count }

    /// Calls `body` with the bytes.
    package func withFrameBytes(_ body: (RawSpan) -> Void) {
        unsafe bytes.withUnsafeBytes { unsafe body(RawSpan(_unsafeBytes: $0)) }
    }
}
