import Formats
import Testing

@Suite struct LZFTests {
    @Test("LZF restores compressed bytes")
    func compressedBytesAreRestored() throws {
        let pairs: [[UInt8]] = [
            [], [1], [1, 2], [7, 7, 7], [UInt8](repeating: 9, count: 5000),
            (0..<3000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) },
            (0..<9000).map { UInt8(truncatingIfNeeded: $0 % 251) },
        ]
        for bytes in pairs {
            let compressed = LZF.compress(bytes)
            #expect(LZF.decompress(compressed.span, to: bytes.count) == bytes)
            #expect(compressed.count <= bytes.count + bytes.count / 32 + 1)
        }
        #expect(LZF.compress(pairs[4]).count < 80)
    }
}
