import ClusterTesting
import Testing

/// Damaged messages for a real coordinator that serves a sound worker.
@Suite(.serialized) struct LiveFuzzTests {
    #if DEBUG
        private static let count: UInt64 = 1_000
    #else
        private static let count: UInt64 = 4_000
    #endif

    @Test("a run continues under damaged messages with the same bits", arguments: [false, true])
    func damagedMessagesChangeNoBits(secured: Bool) throws {
        let fuzz = LiveFuzz(seed: 1, secured: secured)
        let outcome = try fuzz.send(0..<Self.count, memory: 512 << 20)
        #expect(outcome.frames > Int(Self.count) * 9 / 10)
        #expect(outcome.admissions >= Int(Self.count / 4))
        #expect(outcome.steps > 0)
    }
}
