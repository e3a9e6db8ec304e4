import Cluster
import Testing

@Suite struct RemarkLimiterTests {
    @Test("a repeated remark is recorded again after a minute, then more rarely, and counted")
    func repeatedRemarkIsRecordedMoreAndMoreRarely() {
        var limiter = RemarkLimiter()
        var recorded: [Int] = []
        var omitted: [Int] = []
        for second in 0..<20_000 {
            guard let count = limiter.admit("a", at: .seconds(second)) else { continue }
            recorded.append(second)
            omitted.append(count)
        }
        #expect(recorded == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10980, 14580, 18180])
        #expect(omitted == [0] + zip(recorded.dropFirst(), recorded).map { $0 - $1 - 1 })
    }

    @Test("inventing texts does not fill the log, nor silence it")
    func inventingTextsDoesNotFillLog() {
        var limiter = RemarkLimiter()
        var recorded = 0
        // Ten texts a second for two hours.
        for number in 0..<72_000 {
            let now = Duration.milliseconds(100 * number)
            if limiter.admit("text \(number)", at: now) != nil { recorded += 1 }
        }
        #expect(recorded == 120 * RemarkLimiter.perMinute)
        let later = limiter.admit("a known worker", at: .seconds(7201))
        #expect(later == 600 - RemarkLimiter.perMinute, "the last minute's are counted")
    }

    @Test("other texts are recorded while one repeats itself")
    func otherTextsAreRecordedMeanwhile() {
        var limiter = RemarkLimiter()
        #expect(limiter.admit("a", at: .zero) == 0)
        for second in 1..<10 { #expect(limiter.admit("a", at: .seconds(second)) == nil) }
        #expect(limiter.admit("b", at: .seconds(10)) == 9)
        #expect(limiter.admit("c", at: .seconds(11)) == 0)
    }
}
