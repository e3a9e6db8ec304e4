import Cluster
import Messages
import ZeroMQ

/// Network of a simulated coordinator or relay, with the times at which its messages arrive.
final class SimulatedLink {
    /// A message that was sent since the last look.
    struct NewMessage {
        let number: Int
        let connection: Connection
        let receiver: InMemoryNetwork.Receiver
        let kind: MessageKind?
    }

    private struct Direction: Hashable {
        let connection: Connection
        let isToServer: Bool
    }

    let network: InMemoryNetwork
    /// The relay that listens; nil for the coordinator.
    let relay: SimulatedNode?
    /// The workers and relays at the other ends of open connections.
    var clients: [Connection: SimulatedNode] = [:]
    /// Whether its server was killed.
    var isClosed = false
    /// The number of the next message to look at.
    private var next = 0
    /// The latest arrival on each connection.
    private var arrivals: [Direction: Double] = [:]
    /// The messages that arrive twice and have not arrived yet.
    private var duplicated: Set<Int> = []

    init(_ network: InMemoryNetwork, of relay: SimulatedNode?) {
        self.network = network
        self.relay = relay
    }

    /// The messages sent since this was last called.
    func takeNewMessages() -> [NewMessage] {
        // From the end, because older messages that still wait are not looked at again.
        let new = network.messages.reversed().prefix { $0.number >= next }.reversed()
        guard let last = new.last else { return [] }
        next = last.number + 1
        return new.map {
            NewMessage(
                number: $0.number, connection: $0.connection, receiver: $0.receiver,
                kind: (try? WireMessage.envelope(of: $0.frames[...]))?.kind)
        }
    }

    /// The time at which a message arrives: a connection keeps the order of its messages.
    func arrival(
        on connection: Connection, to receiver: InMemoryNetwork.Receiver, notBefore time: Double
    ) -> Double {
        let direction = Direction(connection: connection, isToServer: receiver == .server)
        // A connection does not reorder: no message arrives before an earlier one.
        let arrival = max(arrivals[direction] ?? 0, time)
        arrivals[direction] = arrival
        return arrival
    }

    /// Has a message arrive twice.
    func duplicate(_ number: Int) { duplicated.insert(number) }

    /// Hands a message to its receiver.
    func deliver(_ number: Int) {
        network.deliver(number, keepsCopy: duplicated.remove(number) != nil)
    }

    /// Cuts a connection whose client has gone.
    func cut(_ connection: Connection) {
        clients[connection] = nil
        network.cut(connection)
    }

    /// Cuts all connections.
    func cutAll() { for connection in clients.keys { network.cut(connection) } }
}
