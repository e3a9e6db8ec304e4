/// The options of a socket, set once at its creation.
///
/// The defaults differ from libzmq's where these trust the peer or wait indefinitely: frames and
/// their number are limited, closing does not linger, and a router reports undeliverable messages.
package struct SocketOptions: Sendable {
    /// The time that closing waits for unsent messages.
    package var linger: Duration = .zero
    /// Messages queued for each peer before sending fails with ``SocketError/Kind/wouldBlock``.
    package var sendHighWaterMark = 1000
    /// Messages queued from each peer before reading from its connection pauses.
    package var receiveHighWaterMark = 1000
    /// The longest accepted frame; a peer that sends a longer one is disconnected.
    package var maximumFrameBytes = 65 << 20
    /// The most frames kept of one message; ``Multipart/discardedFrames`` counts the others.
    package var maximumFrames = 4200
    /// Whether a router fails to send to a peer that it does not know, instead of dropping
    /// messages.
    package var routerMandatory = true
    /// The time after which a peer without a complete handshake is disconnected.
    package var handshakeTimeout: Duration = .seconds(10)
    /// The interval of connection probes (ZMTP ping); nil for none.
    package var heartbeatInterval: Duration?
    /// The time within which a probe must be answered; nil for the interval.
    package var heartbeatTimeout: Duration?
    /// The time limit of one attempt to connect; nil for the system's.
    package var connectTimeout: Duration?
    /// The pause before the first attempt to reconnect; it doubles with each attempt.
    package var reconnectInterval: Duration = .milliseconds(100)
    /// The longest pause between attempts to reconnect.
    package var reconnectMaximum: Duration = .seconds(2)
    /// Whether messages are queued only for established connections.
    package var immediate = false
    /// The id of this peer in a router's messages: 1 to 255 bytes, the first not 0.
    ///
    /// Without one, the router generates an id for each connection, which no other peer can claim.
    package var routingID: [UInt8]?
    /// The socket's encryption, and the check of its peers.
    package var security: Security = .none
    // With an empty domain libzmq may skip the handler and admit every peer.
    /// The socket's name in requests to the ZAP handler; it must not be empty.
    package var zapDomain = "denju"

    /// The defaults.
    package init() {}

    /// The defaults with the given security.
    package init(security: Security) { self.security = security }
}
