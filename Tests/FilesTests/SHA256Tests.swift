internal import CKernels
import Files
import Testing

@Suite struct SHA256Tests {
    /// Examples of FIPS 180-4.
    @Test(
        "digests equal those of the standard",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func digestsEqualThoseOfStandard(text: String, hex: String) {
        #expect(SHA256(of: text).hex == hex)
        #expect(SHA256(hex: hex) == SHA256(of: text))
    }

    @Test("the digest does not depend on the pieces") func digestDoesNotDependOnPieces() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for split in [0, 1, 63, 64, 65, 999, 1000] {
            var hasher = SHA256.Hasher()
            hasher.update(Array(bytes[..<split]))
            _ = hasher.finalize()
            hasher.update(Array(bytes[split...]))
            #expect(hasher.finalize() == SHA256(of: bytes))
        }
    }

    /// Whole blocks are hashed by other instructions than single bytes.
    @Test("whole blocks and single bytes have the same digest")
    func wholeBlocksAndSingleBytesHaveSameDigest() {
        let bytes = (0..<700).map { UInt8(truncatingIfNeeded: $0 &* 89 &+ $0 >> 3) }
        for count in [1, 55, 56, 63, 64, 65, 119, 128, 191, 192, 300, 512, 640, 700] {
            var hasher = SHA256.Hasher()
            for byte in bytes[..<count] { hasher.update([byte]) }
            #expect(hasher.finalize() == SHA256(of: Array(bytes[..<count])), "\(count) bytes")
        }
        let million = SHA256(of: [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
        #expect(
            million.hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            "the long example of FIPS 180-4")
    }

    /// Processors with SHA instructions never take the plain path, which all others depend on.
    @Test("plain C and the processor's instructions compute the same digest")
    func plainBlocksAndInstructionsAgree() {
        let bytes = (0..<64 * 37).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 5) }
        for blocks in [0, 1, 2, 3, 36, 37] {
            var words: [UInt32] = (0..<8).map { 0x9e37_79b9 &* ($0 + 1) }
            var plain = words
            unsafe dj_sha256_blocks(&words, bytes, blocks)
            unsafe dj_sha256_plain_blocks(&plain, bytes, blocks)
            #expect(words == plain, "\(blocks) blocks")
        }
    }

    @Test("a digest has exactly one spelling") func digestHasExactlyOneSpelling() {
        let hex = SHA256(of: "abc").hex
        #expect(SHA256(hex: hex.uppercased()) == nil)
        #expect(SHA256(hex: String(hex.dropLast())) == nil)
        #expect(SHA256(hex: String(hex.dropLast()) + "g") == nil)
        #expect(SHA256(bytes: [1, 2, 3]) == nil)
    }
}
