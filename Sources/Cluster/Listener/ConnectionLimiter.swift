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
        var isClosed = false
        var bytes = 0
    }

    private let limits: PeerLimits
    /// The time within which a connection must send something, and over which
    /// ``PeerLimits/unasked`` counts.
    package var timeout: Duration
    private var records: [Connection: Record] = [:]

    /// A limiter that knows no connection.
    package init(_ limits: PeerLimits, heartbeatTimeout: Duration) {
        self.limits = limits
        timeout = heartbeatTimeout
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
        // Delivery is at least once: a sound worker may send each result again.
        records[connection]?.allowance += 2 * Double(messages)
    }

    /// Records that a connection is closed for another reason.
    package mutating func close(_ connection: Connection) {
        records[connection]?.isClosed = true
    }

    /// Closes connections that have sent nothing within the timeout, or far more bytes than have
    /// become messages.
    ///
    /// - Parameter received: bytes received over a connection, as the system counts them.
    package mutating func closeOverdue(
        at now: Duration, received: (Connection) -> Int?
    ) -> [(closing: Connection, reason: ConnectionViolation)] {
        var found: [(closing: Connection, reason: ConnectionViolation)] = []
        for (connection, record) in records.sorted(by: { $0.key < $1.key })
        where !record.isClosed {
            if !record.hasSpoken, now - record.opened > timeout {
                found.append((connection, .silent(timeout)))
                // libzmq passes on whole messages: only the system counts the bytes of others.
            } else if let bytes = received(connection),
                bytes - record.bytes > limits.unfinishedBytes
            {
                found.append((connection, .unfinishedMessage))
            }
        }
        for (connection, _) in found { records[connection]?.isClosed = true }
        return found
    }
}
