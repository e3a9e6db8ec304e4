import CZeroMQ
import Glibc

/// Why a socket did not do what was asked of it.
package struct SocketError: Error, CustomStringConvertible, Equatable, Sendable {
    /// What happened, for who decides what to do next.
    package enum Kind: Sendable, Equatable {
        /// The queue to the peer is full, or there is no peer yet; later it may work.
        case wouldBlock
        /// No peer has the routing id that a ROUTER was told to send to.
        case unroutable
        /// Another socket is bound to the endpoint.
        case addressInUse
        /// This machine does not have the address.
        case addressNotAvailable
        /// The text is not an endpoint.
        case invalidEndpoint
        /// An option has a value that cannot be.
        case invalidOption
        /// The security policy does not allow it.
        case policy
        /// The bytes are not a Z85 key, or a key file cannot be used.
        case key
        /// Any other error of libzmq or the system, by its number.
        case system(Int32)
    }

    /// What happened.
    package let kind: Kind
    /// The same in one sentence.
    package let description: String

    init(_ kind: Kind, _ sentence: String) {
        self.kind = kind
        description = sentence
    }

    /// An error number of libzmq, after the beginning of a sentence that says what failed.
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
