import Foundation
import Testing
import ZeroMQ

/// A server whose keys are replaced while clients are connected.
@Suite struct ReplacedKeysTests {
    private let context: Context

    init() throws { context = try Context() }

    private func server(_ keys: CurveKeyPair, admitting client: CurveKeyPair) throws -> Socket {
        let authenticator = try Authenticator(in: context, allowList: AllowList([client.publicKey]))
        return try Socket(
            .router, in: context,
            options: SocketOptions(security: .curveServer(keys, authenticator)))
    }

    private func client(
        _ keys: CurveKeyPair, of server: CurveKeyPair, at endpoint: Endpoint
    ) throws -> Socket {
        let options = SocketOptions(security: .curveClient(keys, server: server.publicKey))
        return try dealer(to: endpoint, in: context, options: options)
    }

    private func exchange(_ dealer: borrowing Socket, _ router: borrowing Socket) throws {
        try dealer.send([Frame(text: "question")])
        let question = try router.expect()
        #expect(question.contents[1] == Array("question".utf8))
        try router.send([question.frames[0], Frame(text: "answer")])
        #expect(try dealer.expect().contents == [Array("answer".utf8)])
    }

    /// Connections of every former key still carry messages in both directions, over IPv4, IPv6 and
    /// Unix sockets.
    @Test(arguments: ["tcp://127.0.0.1:*", "tcp://[::1]:*", "tcp://*:*", "ipc://"])
    func connectionsRemain(address: String) throws {
        let path = FileManager.default.temporaryDirectory.appending(
            path: "denju-\(UUID().uuidString.prefix(8))"
        ).path
        let keys = try (0..<3).map { _ in try CurveKeyPair.generate() }
        let own = try CurveKeyPair.generate()
        let router = try server(keys[0], admitting: own)
        let monitor = try SocketMonitor(of: router)
        let bound = try router.bind(to: Endpoint(address == "ipc://" ? address + path : address))
        var port = try ListeningPort(bound, monitoredBy: monitor)
        var endpoint = bound
        if address == "tcp://*:*", case .tcp(_, let number) = bound {
            endpoint = .tcp(host: "127.0.0.1", port: number)
        }
        let first = try client(own, of: keys[0], at: endpoint)
        try exchange(first, router)
        try router.replaceKeys(keys[1], at: bound, on: &port)
        let second = try client(own, of: keys[1], at: endpoint)
        try exchange(second, router)
        try router.replaceKeys(keys[2], at: bound, on: &port)
        let third = try client(own, of: keys[2], at: endpoint)
        try exchange(third, router)
        try exchange(second, router)
        try exchange(first, router)
        if case .tcp = endpoint {
            let other = try Socket(.router, in: Context())
            let error = #expect(throws: SocketError.self) { try other.bind(to: endpoint) }
            #expect(error?.kind == .addressInUse, "another coordinator cannot take the port")
        }
    }

    @Test("clients that connect later need the new key")
    func laterClientsNeedNewKey() throws {
        let (former, next) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        let own = try CurveKeyPair.generate()
        let router = try server(former, admitting: own)
        let monitor = try SocketMonitor(of: router)
        let endpoint = try router.bind(to: Endpoint("tcp://127.0.0.1:*"))
        var port = try ListeningPort(endpoint, monitoredBy: monitor)
        try router.replaceKeys(next, at: endpoint, on: &port)
        let late = try client(own, of: former, at: endpoint)
        #expect(try events(upTo: .handshakeFailed, from: monitor).contains(.accepted))
        #expect(try router.receive() == nil)
        withExtendedLifetime(late) {}
    }
}
