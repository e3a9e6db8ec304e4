/// A message as it was received, with what is known of its sender.
package struct Multipart: Sendable {
    /// Its frames; a router's first one is the routing id of the sender.
    package internal(set) var frames: [Frame] = []
    /// Frames beyond ``SocketOptions/maximumFrames``, thrown away; a sender of such is at fault.
    package internal(set) var discardedFrames = 0

    /// Who the ZAP handler says the sender is: with CURVE, the fingerprint of its key.
    ///
    /// No peer can choose it; nil if no handler was asked, or the peer has no key.
    package var userID: String? { frames.last?.property("User-Id") }

    /// The sender's network address, if it came over one.
    package var peerAddress: String? { frames.last?.property("Peer-Address") }
}
