import Cluster
import Testing
import ZeroMQ

/// Who is hung up on, and who never is.
@Suite struct DoorkeeperTests {
    private var keeper: ConnectionLimiter
    private let limits: PeerLimits

    init() {
        var limits = PeerLimits()
        (limits.connections, limits.unspoken, limits.unasked) = (6, 3, 100)
        limits.unfinishedBytes = 1000
        self.limits = limits
        keeper = ConnectionLimiter(limits, heartbeatTimeout: .seconds(5))
    }

    private func caller(_ number: Int32) -> Connection { Connection(descriptor: number) }

    @Test mutating func theOldestThatHasSaidNothingGoesFirst() throws {
        _ = keeper.open(caller(1), at: .zero)
        #expect(keeper.hear(caller(1), bytes: 9, at: .zero) == .take)
        for number in 2...4 as ClosedRange<Int32> {
            #expect(keeper.open(caller(number), at: .seconds(Int(number))) == nil)
        }
        let opened = keeper.open(caller(5), at: .seconds(5))
        let cut = try #require(opened)
        #expect(cut.cut == caller(2))
        #expect(cut.reason == .unspoken(3))
        #expect(
            !keeper.isKnown(caller(2)) && keeper.isKnown(caller(1)) && keeper.isKnown(caller(5)))
        #expect(keeper.hear(caller(2), bytes: 9, at: .seconds(5)) == .ignore)
    }

    @Test mutating func aFullHouseCutsWhoeverComesLast() throws {
        for number in 1...6 as ClosedRange<Int32> {
            #expect(keeper.open(caller(number), at: .zero) == nil)
            _ = keeper.hear(caller(number), bytes: 9, at: .zero)
        }
        let opened = keeper.open(caller(7), at: .zero)
        let cut = try #require(opened)
        #expect(cut.cut == caller(7))
        keeper.close(caller(7))
        keeper.close(caller(3))
        #expect(keeper.open(caller(8), at: .zero) == nil)
    }

    @Test mutating func whoeverSaysMoreThanItWasAskedForIsCut() {
        _ = keeper.open(caller(1), at: .zero)
        for _ in 0..<100 { #expect(keeper.hear(caller(1), bytes: 9, at: .zero) == .take) }
        guard case .cut(let reason) = keeper.hear(caller(1), bytes: 9, at: .zero) else {
            Issue.record("It may go on")
            return
        }
        #expect(reason == .messages(100, within: .seconds(5)))
    }

    @Test mutating func whoeverWasAskedMaySayTwiceAsMuch() {
        _ = keeper.open(caller(1), at: .zero)
        keeper.ask(caller(1), for: 500)
        for _ in 0..<1100 { #expect(keeper.hear(caller(1), bytes: 9, at: .zero) == .take) }
        #expect(keeper.hear(caller(1), bytes: 9, at: .zero) != .take)
    }

    /// Five heartbeats a timeout, for as long as anybody likes.
    @Test mutating func aSoundWorkerMayGoOnForEver() {
        _ = keeper.open(caller(1), at: .zero)
        for second in 0..<100_000 {
            #expect(keeper.hear(caller(1), bytes: 99, at: .seconds(second)) == .take)
        }
    }

    @Test mutating func silenceAndMessagesWithoutEndAreOverdue() throws {
        for number in 1...3 as ClosedRange<Int32> { _ = keeper.open(caller(number), at: .zero) }
        _ = keeper.hear(caller(2), bytes: 700, at: .seconds(1))
        _ = keeper.hear(caller(3), bytes: 700, at: .seconds(1))
        let (first, third) = (caller(1), caller(3))
        #expect(keeper.overdue(at: .seconds(5)) { $0 == first ? 0 : 1600 }.isEmpty)
        let cut = keeper.overdue(at: .seconds(6)) { $0 == first ? 0 : $0 == third ? 1701 : 1700 }
        try #require(cut.map(\.cut) == [first, third])
        #expect(cut[0].reason == .silent(.seconds(5)))
        #expect(cut[1].reason == .unfinishedMessage)
        #expect(keeper.overdue(at: .seconds(60)) { _ in 1699 }.isEmpty, "once is enough")
    }
}
