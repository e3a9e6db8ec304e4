import ClusterTesting
import Messages
import Testing

/// Messages damaged at random, the same in every run; `denju-bench fuzz` continues with more.
@Suite struct MutationTests {
    #if DEBUG
        private static let count: UInt64 = 20_000
    #else
        private static let count: UInt64 = 200_000
    #endif

    @Test("damaged messages are rejected or written back unchanged", arguments: [1, 2] as [UInt64])
    func damagedMessagesAreRejected(seed: UInt64) throws {
        var fuzz = try DecoderFuzz(seed: seed)
        try fuzz.read(0..<Self.count / 2, memory: 256 << 20)
        let tally = fuzz.tally
        #expect(tally.frames == Int(Self.count / 2))
        #expect(tally.refused.count == 8, "\(tally.refused)")
        #expect(
            tally.accepted > tally.frames / 20, "almost every message was rejected at its envelope")
        #expect(tally.accepted + tally.refused.values.reduce(0, +) == tally.frames)
    }

    @Test("the corpus contains messages of every kind") func corpusContainsEveryKind() {
        #expect(Corpus.kinds == Set(MessageCatalogue.messages.map { $0.kind }))
    }

    @Test("equal seeds damage messages equally") func equalSeedsDamageEqually() throws {
        let fuzzes = try [DecoderFuzz(seed: 3), DecoderFuzz(seed: 3), DecoderFuzz(seed: 4)]
        let frames = fuzzes.map { fuzz in (100..<120).map { fuzz.frames($0) } }
        #expect(frames[0] == frames[1])
        #expect(frames[0] != frames[2])
    }
}
