/// A received message, with its sender's properties.
package struct Multipart: Sendable {
    /// The frames; a router's first frame is the routing id of the sender.
    package internal(set) var frames: [Frame] = []
    /// The number of frames beyond ``SocketOptions/maximumFrames``, which were dropped.
    package internal(set) var discardedFrames = 0

    /// The sender's identity according to the ZAP handler: with CURVE, its key's fingerprint.
    ///
    /// A peer cannot choose it. It is nil if there is no handler or the peer has no key.
    package var userID: String? { frames.last?.property("User-Id") }

    /// The sender's network address; nil for senders within this machine's sockets.
    package var peerAddress: String? { frames.last?.property("Peer-Address") }
}
