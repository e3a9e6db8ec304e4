import ZeroMQ

/// The longest time that a test waits for an event that should happen at once.
let timeout = Duration.seconds(20)

/// The error of a test whose message did not arrive in time.
struct NothingArrived: Error {}

extension Socket {
    borrowing func expect() throws -> Multipart {
        guard let message = try receive(within: timeout) else { throw NothingArrived() }
        return message
    }
}

extension Multipart {
    var contents: [[UInt8]] { frames.map(\.bytes) }
}

extension Frame {
    init(text: String) { self.init(Array(text.utf8)) }
    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The address of the bytes.
    var address: UInt {
        withBytes { span in
            unsafe span.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        }
    }
}

/// A router on a free port of the loopback.
func loopbackRouter(
    in context: Context, options: SocketOptions = SocketOptions()
) throws -> Socket {
    let router = try Socket(.router, in: context, options: options)
    try router.bind(to: Endpoint("tcp://127.0.0.1:*"))
    return router
}

/// A dealer connected to the endpoint.
func dealer(
    to endpoint: Endpoint, in context: Context, options: SocketOptions = SocketOptions()
) throws -> Socket {
    let dealer = try Socket(.dealer, in: context, options: options)
    try dealer.connect(to: endpoint)
    return dealer
}

/// The events of a connection up to the first of the given kind; throws if it does not occur.
func events(
    upTo kind: ConnectionEvent.Kind, from monitor: borrowing SocketMonitor
) throws -> [ConnectionEvent.Kind] {
    var seen: [ConnectionEvent.Kind] = []
    var poller = Poller()
    _ = poller.add(monitor.socket)
    let deadline = ContinuousClock.now + timeout
    while ContinuousClock.now < deadline {
        while let event = try monitor.next() {
            seen.append(event.kind)
            if event.kind == kind { return seen }
        }
        _ = try poller.wait(until: deadline)
    }
    throw NothingArrived()
}
