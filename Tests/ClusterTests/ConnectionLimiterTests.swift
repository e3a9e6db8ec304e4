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
        func check(at second: Int, _ count: Int) -> [(
            closing: Connection, reason: ConnectionViolation
        )] {
            limiter.closeOverdue(at: .seconds(second), isDrained: true) {
                $0 == first ? 0 : $0 == third ? count : 1700
            }
        }
        #expect(check(at: 4, 1600).isEmpty)
        // Bytes that have arrived since the check before may still become messages.
        #expect(check(at: 5, 1701).isEmpty)
        let closed = check(at: 6, 1701)
        try #require(closed.map(\.closing) == [first, third])
        #expect(closed[0].reason == .silent(.seconds(5)))
        #expect(closed[1].reason == .unfinishedMessage)
        #expect(
            limiter.closeOverdue(at: .seconds(60), isDrained: true) { _ in 1699 }.isEmpty,
            "a connection is closed once")
    }

    /// A night of steps whose requested results were not sent would otherwise pay for a flood.
    @Test("requested messages that were not sent do not add up")
    mutating func requestedMessagesDoNotAddUp() {
        _ = limiter.open(connection(1), at: .zero)
        limiter.mostRequested = 500
        for _ in 0..<10_000 { limiter.expect(500, on: connection(1)) }
        for _ in 0..<1100 { #expect(limiter.judge(connection(1), bytes: 9, at: .zero) == .accept) }
        #expect(limiter.judge(connection(1), bytes: 9, at: .zero) != .accept)
    }

    @Test("a client that requests files without end is closed, although each request is answered")
    mutating func answeredRequestsEarnNothing() {
        _ = limiter.open(connection(1), at: .zero)
        var answered = 0
        while answered < 10_000,
            limiter.judge(connection(1), bytes: 9, at: .zero) == .accept
        {
            limiter.refund(connection(1))
            answered += 1
        }
        // A twentieth of a message each: 100 unasked messages are 2,000 requests.
        #expect((1900...2100).contains(answered))
    }

    /// A frame of no bytes has 2 bytes on the wire and is charged 64, which its memory is.
    @Test("messages of short frames do not pay for a message that does not end")
    mutating func shortFramesDoNotPayForUnfinishedMessage() throws {
        _ = limiter.open(connection(1), at: .zero)
        // 50 messages of 4,000 empty frames: 256 kB each as charged, 8 kB as received.
        for _ in 0..<50 { _ = limiter.judge(connection(1), bytes: 256_000, at: .zero) }
        var received = 50 * 8_000
        func check(at second: Int) -> ConnectionViolation? {
            limiter.closeOverdue(at: .seconds(second), isDrained: true) { _ in received }
                .first?.reason
        }
        #expect(check(at: 1) == nil)
        received += 1001
        #expect(check(at: 2) == nil)
        #expect(check(at: 3) == .unfinishedMessage)
    }

    @Test("before it is admitted, a client's unfinished message may have a mebibyte")
    func unfinishedMessageOfAStrangerIsShort() {
        var limiter = ConnectionLimiter(PeerLimits(), heartbeatTimeout: .seconds(5))
        limiter.longestMessage = 4 << 20
        for number in [1, 2] as [Int32] {
            _ = limiter.open(connection(number), at: .zero)
            _ = limiter.judge(connection(number), bytes: 100, at: .zero)
        }
        limiter.admit(connection(2))
        var closed: [Connection] = []
        for received in [2 << 20, 2 << 20, 13 << 20, 13 << 20] {
            closed += limiter.closeOverdue(at: .seconds(1), isDrained: true) { _ in received }
                .map(\.closing)
        }
        #expect(closed == [connection(1), connection(2)])
        _ = limiter.open(connection(3), at: .zero)
    }
}
