import Glibc
import Testing
import ZeroMQ

/// Attacks by unknown peers on the network, which must not disturb the run.
@Suite struct AttackTests {
    private let context: Context
    private let serverKeys: CurveKeyPair

    init() throws {
        context = try Context()
        serverKeys = try CurveKeyPair.generate()
    }

    private func server(allowing keys: [CurveKeyPair]) throws -> Socket {
        let authenticator = try Authenticator(
            in: context, allowList: AllowList(keys.map(\.publicKey)))
        return try loopbackRouter(
            in: context,
            options: SocketOptions(security: .curveServer(serverKeys, authenticator)))
    }

    private func client(_ keys: CurveKeyPair, routingID: String? = nil) -> SocketOptions {
        var options = SocketOptions(
            security: .curveClient(keys, server: serverKeys.publicKey))
        options.routingID = routingID.map { Array($0.utf8) }
        return options
    }

    /// Sends raw bytes to a port.
    private func sendBytes(_ bytes: [UInt8], to port: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        // The server may already have closed the connection after the first bytes.
        _ = unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    @Test("random bytes on the port do not disturb other peers")
    func randomBytesOnPortDoNotDisturbOtherPeers() throws {
        let keys = try CurveKeyPair.generate()
        let router = try server(allowing: [keys])
        let endpoint = try router.endpoint
        guard case .tcp(_, let port?) = endpoint else { throw NothingArrived() }
        let greeting: [UInt8] =
            [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 3, 1] + Array("CURVE".utf8)
            + [UInt8](repeating: 0, count: 47)
        var state: UInt32 = 1
        for round in 0..<300 {
            var noise: [UInt8] = round.isMultiple(of: 2) ? greeting : []
            for _ in 0..<round {
                state = state &* 1_664_525 &+ 1_013_904_223
                noise.append(UInt8(state >> 24))
            }
            try sendBytes(noise, to: port)
        }
        let dealer = try dealer(to: endpoint, in: context, options: client(keys))
        try dealer.send([Frame(text: "still there?")])
        #expect(try router.expect().userID == keys.publicKey.fingerprint)
        #expect(try router.receive() == nil)
    }

    @Test("a connected peer's routing id cannot be taken over")
    func connectedPeersRoutingIdCannotBeTakenOver() throws {
        let (honest, thief) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        let router = try server(allowing: [honest, thief])
        let endpoint = try router.endpoint
        let victim = try dealer(
            to: endpoint, in: context, options: client(honest, routingID: "kiln"))
        try victim.send([Frame([1])])
        #expect(try router.expect().userID == honest.publicKey.fingerprint)
        let impostor = try Socket(.dealer, in: context, options: client(thief, routingID: "kiln"))
        let monitor = try SocketMonitor(of: impostor)
        try impostor.connect(to: endpoint)
        _ = try events(upTo: .handshakeSucceeded, from: monitor)
        try impostor.send([Frame([2])])
        try victim.send([Frame([3])])
        let next = try router.expect()
        #expect(next.userID == honest.publicKey.fingerprint)
        #expect(next.contents == [Array("kiln".utf8), [3]])
        try router.send([Frame(text: "for the victim")], to: next.frames[0])
        #expect(try victim.expect().frames[0].text == "for the victim")
        #expect(try impostor.receive() == nil)
    }

    @Test("a peer with a false routing id is identified by its key")
    func peerWithFalseRoutingIdIsIdentifiedByItsKey() throws {
        let keys = try CurveKeyPair.generate()
        let router = try server(allowing: [keys])
        let dealer = try dealer(
            to: router.endpoint, in: context, options: client(keys, routingID: "somebody else"))
        try dealer.send([Frame([1])])
        let message = try router.expect()
        #expect(message.frames[0].text == "somebody else")
        #expect(message.userID == keys.publicKey.fingerprint)
    }
}
