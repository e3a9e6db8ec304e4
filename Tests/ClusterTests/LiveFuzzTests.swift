import ClusterTesting
import Testing

/// A real coordinator's socket is shelled with damaged messages while a sound worker works.
@Suite(.serialized) struct LiveFuzzTests {
    #if DEBUG
        private static let count: UInt64 = 1_000
    #else
        private static let count: UInt64 = 4_000
    #endif

    @Test(arguments: [false, true]) func theRunGoesOnAndItsBitsStay(secured: Bool) throws {
        let fuzz = LiveFuzz(seed: 1, secured: secured)
        let outcome = try fuzz.send(0..<Self.count, memory: 512 << 20)
        #expect(outcome.frames > Int(Self.count) * 9 / 10)
        #expect(outcome.admissions >= Int(Self.count / 4))
        #expect(outcome.steps > 0)
    }
}
