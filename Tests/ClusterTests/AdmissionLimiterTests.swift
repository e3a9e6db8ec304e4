import Cluster
import Testing

/// Introductions and status requests are limited over all connections.
@Suite struct AdmissionLimiterTests {
    @Test("a key's introductions are limited over all of its connections")
    func admissionsAreLimitedByKey() {
        var limiter = AdmissionLimiter(100)
        func answered(_ userID: String?, at second: Int) -> Int {
            (0..<1000).count { _ in
                limiter.take(userID, at: .seconds(second), timeout: .seconds(5))
            }
        }
        #expect(answered("a", at: 0) == 100)
        #expect(answered("b", at: 0) == 100, "another key has an allowance of its own")
        #expect(answered("a", at: 0) == 0)
        #expect(answered("a", at: 5) == 10, "a tenth in each timeout")
        #expect(answered("a", at: 5000) == 100)
        #expect(answered(nil, at: 0) == 100 && answered(nil, at: 1) < 5)
    }
}
