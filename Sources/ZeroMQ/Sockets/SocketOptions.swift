/// How a socket behaves; set once, when it is made.
///
/// The defaults differ from libzmq's where those trust the peer or wait for ever: frames and parts
/// are limited, closing does not linger, and a router reports what it cannot deliver.
package struct SocketOptions: Sendable {
    /// How long unsent messages survive the socket's closing.
    package var linger: Duration = .zero
    /// Messages queued for each peer before a send is refused with ``SocketError/Kind/wouldBlock``.
    package var sendHighWaterMark = 1000
    /// Messages queued from each peer before its connection is read no further.
    package var receiveHighWaterMark = 1000
    /// The longest frame that is accepted; a peer that sends a longer one is disconnected.
    package var maximumFrameBytes = 65 << 20
    /// The most frames kept of one message (``Multipart/discardedFrames`` counts the others).
    package var maximumFrames = 4200
    /// Whether a router refuses to send to unknown peers instead of dropping in silence.
    package var routerMandatory = true
    /// A peer that has not finished its handshake by then is disconnected.
    package var handshakeTimeout: Duration = .seconds(10)
    /// How often the connection itself is probed (ZMTP ping); nil: never.
    package var heartbeatInterval: Duration?
    /// How long a probe may stay unanswered; nil: the interval.
    package var heartbeatTimeout: Duration?
    /// How long one attempt to connect may take; nil: as long as the system's.
    package var connectTimeout: Duration?
    /// The pause before the first attempt to connect again.
    package var reconnectInterval: Duration = .milliseconds(100)
    /// What that pause may grow to, doubling.
    package var reconnectMaximum: Duration = .seconds(2)
    /// Whether messages are queued for finished connections only.
    package var immediate = false
    /// Whether host names may mean IPv6 addresses (literal ones always may).
    package var ipv6 = false
    /// The id under which a router knows this peer, 1 to 255 bytes, the first not 0; nil: it makes
    /// one up for each connection, which no other peer can claim.
    package var routingID: [UInt8]?
    /// Who the peers are, and whether anybody else can listen.
    package var security: Security = .none
    /// What the ZAP handler calls this socket; never empty, since libzmq may skip the handler then.
    package var zapDomain = "denju"

    /// The defaults.
    package init() {}

    /// The defaults with the given security.
    package init(security: Security) { self.security = security }
}
