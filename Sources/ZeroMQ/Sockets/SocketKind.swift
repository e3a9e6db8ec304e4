import CZeroMQ

/// A messaging pattern of ZeroMQ, of those that denju uses.
package enum SocketKind: Sendable, Hashable {
    /// Many peers, each addressed by its routing id, the first frame of every message.
    case router
    /// Receives from its peers in turn, and sends to them in turn; the counterpart of a router.
    case dealer
    /// Exactly one peer.
    case pair
    /// Strictly one answer to each request.
    case reply
    /// Strictly one request, then its answer.
    case request

    var number: Int32 {
        switch self {
        case .router: ZMQ_ROUTER
        case .dealer: ZMQ_DEALER
        case .pair: ZMQ_PAIR
        case .reply: ZMQ_REP
        case .request: ZMQ_REQ
        }
    }
}
