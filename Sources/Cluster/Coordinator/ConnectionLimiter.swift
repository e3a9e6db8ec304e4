package import ZeroMQ

/// How much a coordinator takes from its peers before it hangs up on them.
///
/// What is left to libzmq stands beside it in the socket's options: the longest frame, the most
/// frames of a message, and how long a handshake may take.
package struct PeerLimits: Sendable {
    /// Connections at once.
    package var connections: Int
    /// Connections at once that have not said a word yet; beyond them the oldest is cut.
    package var unspoken: Int
    /// Messages that nobody asked for, of one connection, within a heartbeat timeout.
    package var unasked: Int
    /// Bytes of one message that has not come to its end.
    package var unfinishedBytes: Int

    /// Limits for so many open files: half of them may be connections, and an eighth of those may
    /// still be silent.
    package init(files: Int = OpenFiles.limit) {
        connections = max(16, files / 2)
        unspoken = max(16, files / 16)
        unasked = 1000
        unfinishedBytes = 1 << 30
    }
}

/// Judges connections: which are too many, too silent or too talkative.
///
/// A pure state machine; time is an argument. A worker may say twice what its leases ask for, and
/// ``PeerLimits/unasked`` messages a heartbeat timeout besides; a sound one stays far below.
package struct ConnectionLimiter {
    /// What to do with a message.
    package enum Verdict: Equatable {
        /// Take it.
        case take
        /// Pass it over: its connection was cut.
        case ignore
        /// Cut its connection, for this reason.
        case cut(ConnectionViolation)
    }

    private struct Caller {
        let since: Duration
        var allowance: Double
        var counted: Duration
        var hasSpoken = false
        var isCut = false
        var bytes = 0
    }

    private let limits: PeerLimits
    /// Who needs longer to say hello is too silent; what may be said unasked is counted over as long.
    package var timeout: Duration
    private var callers: [Connection: Caller] = [:]

    package init(_ limits: PeerLimits, heartbeatTimeout: Duration) {
        self.limits = limits
        timeout = heartbeatTimeout
    }

    /// How many connections there are.
    package var count: Int { callers.count }

    /// A connection came in; those that must be cut for it, and why.
    package mutating func open(
        _ connection: Connection, at now: Duration
    ) -> (cut: Connection, reason: ConnectionViolation)? {
        callers[connection] = Caller(since: now, allowance: Double(limits.unasked), counted: now)
        let silent = callers.filter { !$0.value.hasSpoken && !$0.value.isCut }
        if silent.count > limits.unspoken,
            let oldest = silent.min(by: { ($0.value.since, $0.key) < ($1.value.since, $1.key) })
        {
            callers[oldest.key]?.isCut = true
            return (oldest.key, .unspoken(limits.unspoken))
        }
        guard callers.count > limits.connections else { return nil }
        callers[connection]?.isCut = true
        return (connection, .connections(limits.connections))
    }

    /// A connection is gone.
    package mutating func close(_ connection: Connection) { callers[connection] = nil }

    /// Whether it is known and not cut: one that is not may be new under an old number.
    package func isKnown(_ connection: Connection) -> Bool { callers[connection]?.isCut == false }

    /// A message of so many bytes came; what costs more than to be read has a higher price.
    package mutating func hear(
        _ connection: Connection, bytes: Int, price: Double = 1, at now: Duration
    ) -> Verdict {
        guard var caller = callers[connection] else { return .take }
        guard !caller.isCut else { return .ignore }
        let most = max(caller.allowance, Double(limits.unasked))
        let earned = Double(limits.unasked) * ((now - caller.counted) / timeout)
        caller.allowance = min(caller.allowance + earned, most) - price
        caller.counted = now
        caller.hasSpoken = true
        caller.bytes += bytes
        caller.isCut = caller.allowance < 0
        callers[connection] = caller
        return caller.isCut
            ? .cut(.messages(limits.unasked, within: timeout))
            : .take
    }

    /// So many messages were asked for.
    package mutating func ask(_ connection: Connection, for messages: Int) {
        callers[connection]?.allowance += 2 * Double(messages)
    }

    /// Cuts a connection for a reason of others'.
    package mutating func cut(_ connection: Connection) { callers[connection]?.isCut = true }

    /// Connections that have been silent since they came, for longer than anybody needs to say hello,
    /// or that have sent (as the system counts) far more than has become messages.
    package mutating func overdue(
        at now: Duration, received: (Connection) -> Int?
    ) -> [(cut: Connection, reason: ConnectionViolation)] {
        var found: [(cut: Connection, reason: ConnectionViolation)] = []
        for (connection, caller) in callers.sorted(by: { $0.key < $1.key }) where !caller.isCut {
            if !caller.hasSpoken, now - caller.since > timeout {
                found.append((connection, .silent(timeout)))
            } else if let bytes = received(connection),
                bytes - caller.bytes > limits.unfinishedBytes
            {
                found.append((connection, .unfinishedMessage))
            }
        }
        for (connection, _) in found { callers[connection]?.isCut = true }
        return found
    }
}
