/// Reason for which a transport did not take or deliver a message.
package enum TransportError: Error, Equatable, CustomStringConvertible {
    /// No open connection leads to the receiver.
    case unreachable
    /// The receiver's queue is full.
    case queueFull
    /// The transport failed, for a reason given in a sentence.
    case failed(String)

    /// A sentence.
    package var description: String {
        switch self {
        case .unreachable: "No connection leads to the receiver."
        case .queueFull: "The receiver does not take its messages: its queue is full."
        case .failed(let reason): reason
        }
    }
}
