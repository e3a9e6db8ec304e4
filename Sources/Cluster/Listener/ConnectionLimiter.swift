package import ZeroMQ

/// Decides which connections exceed a limit: too many, too silent or too talkative ones.
///
/// A pure state machine; time is an argument. A worker may send twice the messages that its leases
/// ask for, and ``PeerLimits/unasked`` messages per heartbeat timeout besides; a sound worker stays
/// far below both.
package struct ConnectionLimiter {
    /// Treatment of a message.
    package enum Verdict: Equatable {
        /// The message is handled.
        case accept
        /// The message is dropped: its connection was closed.
        case ignore
        /// The message is dropped and its connection closed.
        case close(ConnectionViolation)
    }

    private struct Record {
        let opened: Duration
        /// Messages it may still send, earned over time and by requests.
        var allowance: Double
        /// The time up to which the allowance was earned.
        var earnedUntil: Duration
        var hasSpoken = false
        var isAdmitted = false
        var isClosed = false
        /// Bytes that have become messages.
        var bytes = 0
        /// Bytes received when unfinished messages were looked for last.
        var receivedBefore = 0
    }

    private let limits: PeerLimits
    /// The time within which a connection must send something, and over which
    /// ``PeerLimits/unasked`` counts.
    package var timeout: Duration
    /// The most messages that a worker can be asked for at a time.
    package var mostRequested = 1 << 20
    /// Bytes of the longest message that a worker of the run sends.
    package var longestMessage: Int
    private var records: [Connection: Record] = [:]

    /// A limiter that knows no connection.
    package init(_ limits: PeerLimits, heartbeatTimeout: Duration) {
        self.limits = limits
        timeout = heartbeatTimeout
        longestMessage = limits.unfinishedBytes
    }

    /// The number of connections.
    package var count: Int { records.count }

    /// Records a connection that was opened; returns the one that must be closed for it, if any.
    package mutating func open(
        _ connection: Connection, at now: Duration
    ) -> (closing: Connection, reason: ConnectionViolation)? {
        records[connection] = Record(
            opened: now, allowance: Double(limits.unasked), earnedUntil: now)
        let silent = records.filter { !$0.value.hasSpoken && !$0.value.isClosed }
        if silent.count > limits.unspoken,
            let oldest = silent.min(by: { ($0.value.opened, $0.key) < ($1.value.opened, $1.key) })
        {
            records[oldest.key]?.isClosed = true
            return (oldest.key, .unspoken(limits.unspoken))
        }
        guard records.count > limits.connections else { return nil }
        records[connection]?.isClosed = true
        return (connection, .connections(limits.connections))
    }

    /// Forgets a connection that has ended.
    package mutating func remove(_ connection: Connection) { records[connection] = nil }

    /// Whether a connection is known and not closed; the number of one that has ended may name a new
    /// one.
    package func isOpen(_ connection: Connection) -> Bool {
        records[connection]?.isClosed == false
    }

    /// Records that a connection is a worker's, whose messages are longer than a hello.
    package mutating func admit(_ connection: Connection) {
        records[connection]?.isAdmitted = true
    }

    /// Judges a message.
    ///
    /// - Parameters:
    ///   - bytes: its length.
    ///   - price: the messages it counts as: one that costs more than to be read counts as several.
    package mutating func judge(
        _ connection: Connection, bytes: Int, price: Double = 1, at now: Duration
    ) -> Verdict {
        // The last messages of a connection that has ended are handled too: a goodbye, for one.
        guard var record = records[connection] else { return .accept }
        guard !record.isClosed else { return .ignore }
        let most = max(record.allowance, Double(limits.unasked))
        let earned = Double(limits.unasked) * ((now - record.earnedUntil) / timeout)
        record.allowance = min(record.allowance + earned, most) - price
        record.earnedUntil = now
        record.hasSpoken = true
        record.bytes += bytes
        record.isClosed = record.allowance < 0
        records[connection] = record
        return record.isClosed ? .close(.messages(limits.unasked, within: timeout)) : .accept
    }

    /// Records that messages were requested of a connection, which may send them.
    package mutating func expect(_ messages: Int, on connection: Connection) {
        guard let allowance = records[connection]?.allowance else { return }
        // What a worker was asked for and has not sent must not add up over a run's steps: after a
        // night it could send millions at once.
        let most = max(allowance, Double(limits.unasked) + 2 * Double(mostRequested))
        // Delivery is at least once: a sound worker may send each result again.
        records[connection]?.allowance = min(allowance + 2 * Double(messages), most)
    }

    /// Records that a message was a request and was answered.
    ///
    /// Less than its price is returned: a client that requests without end would otherwise never
    /// exceed a limit. At 20 answers for an unasked message, 1 MiB pieces fill any network.
    package mutating func refund(_ connection: Connection) {
        records[connection]?.allowance += 0.95
    }

    /// Records that a connection is closed for another reason.
    package mutating func close(_ connection: Connection) {
        records[connection]?.isClosed = true
    }

    /// Closes connections that have sent nothing within the timeout, or more bytes of an unfinished
    /// message than the longest one has.
    ///
    /// Bytes count as unfinished if they were received before the previous call and have not become
    /// a message although every finished one was handled since.
    ///
    /// - Parameters:
    ///   - isDrained: whether every finished message was handled since the previous call.
    ///   - received: bytes received over a connection, as the system counts them.
    package mutating func closeOverdue(
        at now: Duration, isDrained: Bool, received: (Connection) -> Int?
    ) -> [(closing: Connection, reason: ConnectionViolation)] {
        var found: [(closing: Connection, reason: ConnectionViolation)] = []
        for (connection, record) in records.sorted(by: { $0.key < $1.key })
        where !record.isClosed {
            if !record.hasSpoken, now - record.opened > timeout {
                found.append((connection, .silent(timeout)))
                continue
            }
            // libzmq passes on whole messages: only the system counts the bytes of others.
            guard let bytes = received(connection) else { continue }
            // The charge for a message exceeds its bytes, and many short ones must not pay for a
            // long one that does not end.
            let finished = min(record.bytes, bytes)
            records[connection]!.bytes = finished
            records[connection]!.receivedBefore = bytes
            let limit = unfinishedLimit(isAdmitted: record.isAdmitted, isDrained: isDrained)
            if record.receivedBefore - finished > limit {
                found.append((connection, .unfinishedMessage))
            }
        }
        for (connection, _) in found { records[connection]?.isClosed = true }
        return found
    }

    /// Bytes that an unfinished message may have.
    ///
    /// In memory they may be 32 times as many: an empty frame has 2 bytes on the wire, and libzmq
    /// stores a record of 64.
    private func unfinishedLimit(isAdmitted: Bool, isDrained: Bool) -> Int {
        guard isAdmitted else { return min(limits.unfinishedBytes, 1 << 20) }
        // The system's buffers hold a few messages that libzmq has not read.
        let unread = 8 << 20
        let queued = isDrained ? 0 : limits.queuedMessages * longestMessage
        return min(limits.unfinishedBytes, longestMessage + queued + unread)
    }
}
