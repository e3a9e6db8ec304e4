/// Reason for which a worker takes no further part in a run.
package enum LossReason: Sendable, Equatable {
    /// It said goodbye, for a reason of its own.
    case goodbye(String)
    /// Nothing was received from it for this long.
    case silent(Duration)
    /// Its connection ended.
    case connectionLost
    /// It connected anew: the earlier connection is void.
    case reconnected
    /// Its queue of messages is full.
    case notReceiving
    /// Its connection is now authenticated by another key.
    case keyChanged
    /// Its key may no longer join.
    case keyRevoked(String)
    /// Its connection exceeded a limit.
    case exceeded(ConnectionViolation)
    /// It sent a message that cannot be read, for this reason.
    case malformedMessage(String)
    /// It sent a result that cannot be used, for this reason.
    case invalidResult(String)
    /// It could not do its work, for this reason.
    case failed(String)
    /// It could not do its work twice in a row, lastly for this reason.
    case failedAgain(String)
    /// A message to it could not be sent, for this reason.
    case unsendable(String)
}

extension LossReason: CustomStringConvertible {
    /// A clause whose subject is the worker.
    package var description: String {
        switch self {
        case .goodbye(let reason): "it said goodbye: \(reason)"
        case .silent(let duration): "nothing was heard of it for \(duration)"
        case .connectionLost: "its connection is gone"
        case .reconnected: "it connected anew"
        case .notReceiving: "it does not take its messages"
        case .keyChanged: "its connection is authenticated by another key"
        case .keyRevoked(let key): "its key \(key) may not join any more"
        case .exceeded(let violation): "\(violation)"
        case .malformedMessage(let reason): "it broke the protocol: \(reason)"
        case .invalidResult(let reason): "it sent what cannot be used: \(reason)"
        case .failed(let reason): reason
        case .failedAgain(let reason): "it failed again: \(reason)"
        case .unsendable(let reason): "a message to it cannot be sent: \(reason)"
        }
    }
}

/// Limit that a connection exceeded.
package enum ConnectionViolation: Sendable, Hashable {
    /// So many connections were open before it.
    case connections(Int)
    /// More connections than this have sent nothing, and it is the oldest of them.
    case unspoken(Int)
    /// It has sent nothing for this long.
    case silent(Duration)
    /// It sent more messages than this, within this time, that were not asked for.
    case messages(Int, within: Duration)
    /// It sent bytes beyond the limit that have not become a message.
    case unfinishedMessage
}

extension ConnectionViolation: CustomStringConvertible {
    /// A clause whose subject is the connection or its worker.
    package var description: String {
        switch self {
        case .connections(let count): "there are \(count) connections already"
        case .unspoken(let count): "more than \(count) connections have not sent a message"
        case .silent(let duration): "it has not sent a message for \(duration)"
        case .messages(let count, let duration):
            "it sent more than the \(count) messages in \(duration) that it may send unrequested"
        case .unfinishedMessage: "its message does not come to an end"
        }
    }
}
