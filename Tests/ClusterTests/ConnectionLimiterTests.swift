import Cluster
import Testing
import ZeroMQ

/// The connections that exceed a limit, and those that never do.
@Suite struct ConnectionLimiterTests {
    private var limiter: ConnectionLimiter
    private let limits: PeerLimits

    init() {
        var limits = PeerLimits()
        (limits.connections, limits.unspoken, limits.unasked) = (6, 3, 100)
        limits.unfinishedBytes = 1000
        self.limits = limits
        limiter = ConnectionLimiter(limits, heartbeatTimeout: .seconds(5))
    }

    private func connection(_ number: Int32) -> Connection { Connection(descriptor: number) }

    @Test mutating func oldestSilentConnectionIsClosedFirst() throws {
        _ = limiter.open(connection(1), at: .zero)
        #expect(limiter.judge(connection(1), bytes: 9, at: .zero) == .accept)
        for number in 2...4 as ClosedRange<Int32> {
            #expect(limiter.open(connection(number), at: .seconds(Int(number))) == nil)
        }
        let opened = limiter.open(connection(5), at: .seconds(5))
        let violation = try #require(opened)
        #expect(violation.closing == connection(2))
        #expect(violation.reason == .unspoken(3))
        #expect(
            !limiter.isOpen(connection(2)) && limiter.isOpen(connection(1))
                && limiter.isOpen(connection(5)))
        #expect(limiter.judge(connection(2), bytes: 9, at: .seconds(5)) == .ignore)
    }

    @Test mutating func connectionBeyondTheLimitIsClosed() throws {
        for number in 1...6 as ClosedRange<Int32> {
            #expect(limiter.open(connection(number), at: .zero) == nil)
            _ = limiter.judge(connection(number), bytes: 9, at: .zero)
        }
        let opened = limiter.open(connection(7), at: .zero)
        let violation = try #require(opened)
        #expect(violation.closing == connection(7))
        limiter.remove(connection(7))
        limiter.remove(connection(3))
        #expect(limiter.open(connection(8), at: .zero) == nil)
    }

    @Test mutating func connectionWithTooManyUnaskedMessagesIsClosed() {
        _ = limiter.open(connection(1), at: .zero)
        for _ in 0..<100 { #expect(limiter.judge(connection(1), bytes: 9, at: .zero) == .accept) }
        guard case .close(let reason) = limiter.judge(connection(1), bytes: 9, at: .zero) else {
            Issue.record("The connection stays open.")
            return
        }
        #expect(reason == .messages(100, within: .seconds(5)))
    }

    @Test mutating func connectionMaySendTwiceTheRequestedMessages() {
        _ = limiter.open(connection(1), at: .zero)
        limiter.expect(500, on: connection(1))
        for _ in 0..<1100 { #expect(limiter.judge(connection(1), bytes: 9, at: .zero) == .accept) }
        #expect(limiter.judge(connection(1), bytes: 9, at: .zero) != .accept)
    }

    /// Five heartbeats per timeout, for a day.
    @Test mutating func soundWorkerIsNeverClosed() {
        _ = limiter.open(connection(1), at: .zero)
        for second in 0..<100_000 {
            #expect(limiter.judge(connection(1), bytes: 99, at: .seconds(second)) == .accept)
        }
    }

    @Test mutating func silentConnectionsAndUnfinishedMessagesAreClosed() throws {
        for number in 1...3 as ClosedRange<Int32> {
            _ = limiter.open(connection(number), at: .zero)
        }
        _ = limiter.judge(connection(2), bytes: 700, at: .seconds(1))
        _ = limiter.judge(connection(3), bytes: 700, at: .seconds(1))
        let (first, third) = (connection(1), connection(3))
        #expect(limiter.closeOverdue(at: .seconds(5)) { $0 == first ? 0 : 1600 }.isEmpty)
        let closed = limiter.closeOverdue(at: .seconds(6)) {
            $0 == first ? 0 : $0 == third ? 1701 : 1700
        }
        try #require(closed.map(\.closing) == [first, third])
        #expect(closed[0].reason == .silent(.seconds(5)))
        #expect(closed[1].reason == .unfinishedMessage)
        #expect(
            limiter.closeOverdue(at: .seconds(60)) { _ in 1699 }.isEmpty,
            "a connection is closed once")
    }
}
