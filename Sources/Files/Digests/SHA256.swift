internal import CKernels

/// A SHA-256 digest, by which checkpoints and messages identify files.
///
/// The digest is computed with the processor's SHA instructions where there are any, and otherwise
/// by plain C at 0.35 GB/s.
package struct SHA256: Digest256 {
    /// The digest's name in messages.
    package static let name = "SHA-256"
    /// The 32 bytes.
    package let bytes: [UInt8]

    /// The digest with the given 32 bytes; nil if they are not 32.
    package init?(bytes: [UInt8]) {
        guard bytes.count == SHA256.byteCount else { return nil }
        self.bytes = bytes
    }

    /// The digest of the given bytes.
    package init(of bytes: RawSpan) {
        var hasher = Hasher()
        hasher.update(bytes)
        self = hasher.finalize()
    }
}

// MARK: - Streaming

extension SHA256 {
    /// Hashes bytes piece by piece; the digest does not depend on the pieces.
    ///
    /// A hasher is a value with a buffer of 64 bytes; copies are independent.
    package struct Hasher: Sendable {
        private var state = dj_sha256_state()

        /// A hasher of no bytes.
        package init() { unsafe dj_sha256_begin(&state) }

        /// Adds bytes at the end.
        package mutating func update(_ bytes: RawSpan) {
            unsafe bytes.withUnsafeBytes { buffer in
                let start = unsafe buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
                unsafe dj_sha256_update(&state, start, buffer.count)
            }
        }

        /// Adds bytes at the end.
        package mutating func update(_ bytes: [UInt8]) { update(unsafe bytes.span.bytes) }

        /// The digest of the bytes so far; more bytes may follow.
        package func finalize() -> SHA256 {
            var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
            unsafe withUnsafePointer(to: state) { unsafe dj_sha256_digest($0, &digest) }
            guard let result = SHA256(bytes: digest) else {
                preconditionFailure("A SHA-256 digest has \(SHA256.byteCount) bytes.")
            }
            return result
        }
    }
}
