/// Reason for which a worker takes no further part in a run.
package enum LossReason: Sendable, Equatable {
    /// It said goodbye, for a reason of its own.
    case goodbye(String)
    /// Nothing was received from it for this long.
    case silent(Duration)
    /// It answers, but its computation of what it was leased has not advanced for this long.
    case hanging(Duration)
    /// Its arithmetic differs from this machine's, and workers that have that have come.
    case otherNumerics
    /// It has completed nothing of the first step for this long, and workers of another arithmetic wait.
    case unproductive(Duration)
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

extension LossReason {
    /// Whether a sound worker on a sound machine is never lost for it.
    var isOffence: Bool {
        switch self {
        case .hanging, .exceeded, .malformedMessage, .invalidResult: true
        default: false
        }
    }
}

extension LossReason: CustomStringConvertible {
    /// A clause whose subject is the worker.
    package var description: String {
        switch self {
        case .goodbye(let reason): "it said goodbye: \(reason)"
        case .silent(let duration): "nothing was heard of it for \(duration)"
        case .hanging(let duration):
            "it answers, but its computation has not advanced for \(duration)"
        case .otherNumerics:
            "it computes other bits than the coordinator's machine, and workers that compute the "
                + "same bits have come"
        case .unproductive(let duration):
            "it has completed nothing for \(duration), and workers that compute other bits wait"
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
    /// The holders of its key introduced themselves or asked for the status more often than this.
    case admissions(Int)
    /// It sent a message of more frames than this.
    case frames(Int)
    /// It requested more than this many pieces before the first was ready.
    case pendingRequests(Int)
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
        case .admissions(let count):
            "more than \(count) connections with its key have come and gone"
        case .frames(let count): "it sent a message of more than \(count) frames"
        case .pendingRequests(let count): "more than \(count) of its requests wait for answers"
        }
    }
}
