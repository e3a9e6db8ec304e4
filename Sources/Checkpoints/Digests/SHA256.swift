internal import CKernels
internal import CSodium

/// A SHA-256 digest: what checkpoints and messages name files by.
///
/// By the processor's instructions for it, where it has any, and else by libsodium, which does
/// without them at 0.4 GB/s.
package struct SHA256: Digest256 {
    /// What sentences call it.
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
    /// Takes bytes as they come and gives their digest; the splits between calls do not matter.
    ///
    /// A value: a copy goes its own way. 64 bytes of buffer, whatever the length.
    package struct Hasher: Sendable {
        private var state = crypto_hash_sha256_state()

        /// A hasher that has seen no bytes.
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

        /// Takes in whole blocks, if the processor has instructions for that and none is under way;
        /// how many bytes that was.
        private mutating func takeBlocks(_ start: UnsafePointer<UInt8>, _ blocks: Int) -> Int {
            // libsodium counts bits.
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

        /// The digest of the bytes seen so far; more may follow.
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
