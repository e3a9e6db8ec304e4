package import ZeroMQ

/// Client side of a transport: one connection to a server, made again when it is lost.
///
/// Nothing here blocks; see ``ServerTransport``. Messages arrive in the order they were sent.
package protocol ClientTransport: AnyObject {
    /// Takes the frames of the next message that has arrived; nil if there is none.
    func receive() throws -> [Frame]?
    /// Sends a message.
    func send(_ frames: [Frame]) throws(TransportError)
    /// Whether the connection has ended since this was last asked.
    ///
    /// The server does not know the client of a connection that was made again.
    func hasDisconnected() throws -> Bool
    /// Has a poller wait for messages and for the connection's end too.
    func watch(with poller: inout Poller)
}
