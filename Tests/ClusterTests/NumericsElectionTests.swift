import Cluster
import Testing

/// The arithmetic of a run is that of the workers that compute its first gradient.
@Suite struct NumericsElectionTests {
    private var election = NumericsElection(own: "own", committed: nil)

    private mutating func judge(
        _ canary: String, beside hasOthers: Bool, at second: Int = 0
    ) -> NumericsElection.Verdict {
        election.judge(
            canary, hasOthers: hasOthers, patience: .seconds(60), at: .seconds(second))
    }

    private mutating func abandons(standstill: Int, at second: Int) -> Bool {
        election.abandonsAttempt(
            standstill: .seconds(standstill), heartbeatTimeout: .seconds(5), at: .seconds(second))
    }

    @Test("a committed canary admits its workers alone")
    mutating func committedCanaryIsKept() {
        #expect(judge("other", beside: false) == .admit)
        #expect(election.commit() == "other")
        #expect(judge("own", beside: true) == .reject(expected: "other"))
        #expect(judge("own", beside: false) == .reject(expected: "other"))
        #expect(judge("other", beside: true) == .admit)
    }

    @Test("workers of the coordinator's arithmetic replace others that have computed nothing")
    mutating func ownArithmeticReplacesOthers() {
        #expect(judge("other", beside: false) == .admit)
        #expect(judge("own", beside: true) == .replace)
        #expect(judge("other", beside: true) == .reject(expected: "own"))
        #expect(election.commit() == "own")
    }

    /// With `numerics: openblas` the workers may all differ from the coordinator's machine.
    @Test("an attempt that advances nothing makes way for workers that wait")
    mutating func standstillMakesWay() {
        #expect(judge("a", beside: false) == .admit)
        #expect(!abandons(standstill: 100, at: 100), "no other worker waits")
        #expect(judge("b", beside: true, at: 101) == .wait(expected: "a"))
        #expect(!abandons(standstill: 29, at: 102), "it may still be computing")
        #expect(abandons(standstill: 31, at: 103))
        #expect(judge("a", beside: false, at: 104) == .wait(expected: "own"))
        #expect(judge("b", beside: false, at: 105) == .admit)
        #expect(election.commit() == "b")
    }

    @Test("an abandoned arithmetic is tried again if no other comes")
    mutating func abandonedArithmeticReturns() {
        #expect(judge("a", beside: false) == .admit)
        #expect(judge("b", beside: true, at: 40) == .wait(expected: "a"))
        #expect(abandons(standstill: 40, at: 41))
        #expect(judge("a", beside: false, at: 102) == .admit)
    }
}
