import CZeroMQ
import Glibc

/// An error of a socket, a key or an endpoint.
package struct SocketError: Error, CustomStringConvertible, Equatable, Sendable {
    /// The kind of error, for callers that react to it.
    package enum Kind: Sendable, Equatable {
        /// The queue to the peer is full, or there is no peer yet; a later attempt may succeed.
        case wouldBlock
        /// A router does not know a peer of the given routing id.
        case unroutable
        /// Another socket is bound to the endpoint.
        case addressInUse
        /// This machine does not have the address.
        case addressNotAvailable
        /// The text is not an endpoint.
        case invalidEndpoint
        /// An option has an impossible value.
        case invalidOption
        /// The security policy forbids the operation.
        case policy
        /// The text is not a Z85 key, or a key file cannot be used.
        case key
        /// Another error of libzmq or the system, by its number.
        case system(Int32)
    }

    /// The kind of error.
    package let kind: Kind
    /// The error in one sentence.
    package let description: String

    init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        description = sentence
    }

    /// An error of libzmq; its sentence continues the given beginning.
    init(errno number: Int32, _ beginning: String) {
        let reason = unsafe String(cString: zmq_strerror(number))
        kind =
            switch number {
            case EAGAIN: .wouldBlock
            case EHOSTUNREACH: .unroutable
            case EADDRINUSE: .addressInUse
            case EADDRNOTAVAIL, ENODEV: .addressNotAvailable
            default: .system(number)
            }
        description = "\(beginning): \(reason)."
    }
}
