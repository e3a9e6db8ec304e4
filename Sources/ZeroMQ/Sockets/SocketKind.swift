import CZeroMQ

/// What a socket does with messages; only the kinds that denju uses.
package enum SocketKind: Sendable, Hashable {
    /// Many peers, each addressed by its routing id, the first frame of every message.
    case router
    /// Fair queue from, and round robin to, its peers; the counterpart of a router.
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
