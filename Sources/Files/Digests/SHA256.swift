internal import CKernels
internal import CSodium

/// A SHA-256 digest, by which checkpoints and messages identify files.
///
/// The digest is computed with the processor's SHA instructions where there are any, and otherwise
/// by libsodium at 0.4 GB/s.
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
        private var state = crypto_hash_sha256_state()

        /// A hasher of no bytes.
        package init() { _ = unsafe crypto_hash_sha256_init(&state) }

        /// Adds bytes at the end.
        package mutating func update(_ bytes: RawSpan) {
            unsafe bytes.withUnsafeBytes { buffer in
                guard let base = buffer.baseAddress else { return }
                let start = unsafe base.assumingMemoryBound(to: UInt8.self)
                let done = unsafe takeBlocks(start, buffer.count / 64)
                _ = unsafe crypto_hash_sha256_update(
                    &state, start + done, UInt64(buffer.count - done))
            }
        }

        /// Hashes whole blocks if the processor has SHA instructions and no block is incomplete,
        /// and returns the number of bytes hashed.
        private mutating func takeBlocks(_ start: UnsafePointer<UInt8>, _ blocks: Int) -> Int {
            // libsodium's state counts bits: 512 per block.
            guard blocks > 0, state.count % 512 == 0 else { return 0 }
            let isDone = unsafe withUnsafeMutablePointer(to: &state.state) { words in
                unsafe words.withMemoryRebound(to: UInt32.self, capacity: 8) { words in
                    unsafe dj_sha256_blocks(words, start, blocks) != 0
                }
            }
            guard isDone else { return 0 }
            state.count += UInt64(blocks) * 512
            return 64 * blocks
        }

        /// Adds bytes at the end.
        package mutating func update(_ bytes: [UInt8]) { update(unsafe bytes.span.bytes) }

        /// The digest of the bytes so far; more bytes may follow.
        package func finalize() -> SHA256 {
            var copy = state
            var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
            _ = unsafe crypto_hash_sha256_final(&copy, &digest)
            guard let result = SHA256(bytes: digest) else {
                preconditionFailure("A SHA-256 digest has \(SHA256.byteCount) bytes.")
            }
            return result
        }
    }
}
