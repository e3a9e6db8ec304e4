import Synchronization
import Testing
import ZeroMQ

@Suite struct AuthenticatorTests {
    /// The decisions of an authenticator, which tests await without polling.
    private final class DecisionLog: Sendable {
        private let decisions = Mutex<[Authenticator.Decision]>([])
        private let waker: Waker
        init() throws { waker = try Waker() }

        func record(_ decision: Authenticator.Decision) {
            decisions.withLock { $0.append(decision) }
            waker.wake()
        }

        func next() throws -> Authenticator.Decision {
            var poller = Poller(waker: waker)
            let deadline = ContinuousClock.now + timeout
            while ContinuousClock.now < deadline {
                if let first = decisions.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                    return first
                }
                _ = try poller.wait(until: deadline)
            }
            throw NothingArrived()
        }
    }

    private let serverKeys: CurveKeyPair
    private let context: Context
    private let decisions: DecisionLog

    init() throws {
        serverKeys = try CurveKeyPair.generate()
        context = try Context()
        decisions = try DecisionLog()
    }

    private func authenticator(
        _ keys: [CurveKeyPair], plainPeers: Authenticator.PlainPeers = .refused
    ) throws -> Authenticator {
        try Authenticator(
            in: context, allowList: AllowList(keys.map(\.publicKey)), plainPeers: plainPeers
        ) { [decisions] in decisions.record($0) }
    }

    private func server(_ authenticator: Authenticator) throws -> Socket {
        try loopbackRouter(
            in: context,
            options: SocketOptions(security: .curveServer(serverKeys, authenticator)))
    }

    private func client(_ keys: CurveKeyPair) -> SocketOptions {
        SocketOptions(security: .curveClient(keys, server: serverKeys.publicKey))
    }

    @Test("a known key is admitted under its name") func knownKeyIsAdmittedUnderItsName() throws {
        let keys = try CurveKeyPair.generate()
        var list = AllowList()
        list.insert(keys.publicKey, name: "kiln")
        let authenticator = try Authenticator(in: context, allowList: list) { [decisions] in
            decisions.record($0)
        }
        let router = try server(authenticator)
        let endpoint = try router.endpoint
        let dealer = try dealer(to: endpoint, in: context, options: client(keys))
        try dealer.send([Frame(text: "hello"), Frame([UInt8](repeating: 5, count: 2_000_000))])
        let message = try router.expect()
        #expect(message.userID == keys.publicKey.fingerprint)
        #expect(message.frames[2].count == 2_000_000)
        #expect(authenticator.name(ofUserID: keys.publicKey.fingerprint) == "kiln")
        let decision = try decisions.next()
        #expect(decision.isAccepted && decision.name == "kiln")
        #expect(decision.address == "127.0.0.1")
        try router.send([Frame(text: "welcome")], to: message.frames[0])
        #expect(try dealer.expect().frames[0].text == "welcome")
    }

    @Test("an unknown key is rejected") func unknownKeyIsRejected() throws {
        let known = try CurveKeyPair.generate()
        let stranger = try CurveKeyPair.generate()
        let router = try server(try authenticator([known]))
        let endpoint = try router.endpoint
        let dealer = try Socket(.dealer, in: context, options: client(stranger))
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(to: endpoint)
        try dealer.send([Frame(text: "let me in")])
        #expect(
            !(try events(upTo: .authenticationFailed, from: monitor)).contains(.handshakeSucceeded))
        let decision = try decisions.next()
        #expect(!decision.isAccepted)
        #expect(
            decision.reason == """
                127.0.0.1 has the key \(stranger.publicKey.fingerprint), which is not on the list \
                of allowed keys.
                """)
        // A known peer connects after the unknown one, and its message is the first to arrive.
        let friend = try ZeroMQTests.dealer(to: endpoint, in: context, options: client(known))
        try friend.send([Frame(text: "hello")])
        #expect(try router.expect().userID == known.publicKey.fingerprint)
        #expect(try router.receive() == nil)
    }

    @Test("a peer without keys exchanges no message with a CURVE server")
    func peerWithoutKeysExchangesNoMessageWithCURVEServer() throws {
        let known = try CurveKeyPair.generate()
        let router = try server(try authenticator([known], plainPeers: .all))
        let endpoint = try router.endpoint
        let dealer = try Socket(.dealer, in: context)
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(to: endpoint)
        try dealer.send([Frame(text: "in the clear")])
        let seen = try events(upTo: .handshakeFailed, from: monitor)
        #expect(!seen.contains(.handshakeSucceeded))
        let friend = try ZeroMQTests.dealer(to: endpoint, in: context, options: client(known))
        try friend.send([Frame(text: "hello")])
        #expect(try router.expect().frames[1].text == "hello")
        #expect(try router.receive() == nil)
        #expect(try dealer.receive() == nil)
    }

    @Test("a client with a wrong server key exchanges no message")
    func clientWithWrongServerKeyExchangesNoMessage() throws {
        let known = try CurveKeyPair.generate()
        let router = try server(try authenticator([known]))
        let endpoint = try router.endpoint
        let other = try CurveKeyPair.generate()
        let dealer = try Socket(
            .dealer, in: context,
            options: SocketOptions(security: .curveClient(known, server: other.publicKey)))
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(to: endpoint)
        try dealer.send([Frame(text: "are you the one?")])
        let seen = try events(upTo: .disconnected, from: monitor)
        #expect(!seen.contains(.handshakeSucceeded))
        #expect(try router.receive() == nil)
    }

    @Test("a replaced allow-list applies to later handshakes")
    func replacedAllowListAppliesToLaterHandshakes() throws {
        let (early, late) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        let authenticator = try authenticator([early])
        let router = try server(authenticator)
        let endpoint = try router.endpoint
        let first = try dealer(to: endpoint, in: context, options: client(early))
        try first.send([Frame([1])])
        let userID = try #require(try router.expect().userID)
        #expect(authenticator.name(ofUserID: userID) == userID)
        #expect(try decisions.next().isAccepted)

        authenticator.replace(allowList: AllowList([late.publicKey]))
        // A connected peer stays connected, but its key no longer has a name.
        try first.send([Frame([2])])
        #expect(authenticator.name(ofUserID: try #require(try router.expect().userID)) == nil)
        let again = try dealer(to: endpoint, in: context, options: client(early))
        try again.send([Frame([3])])
        #expect(try decisions.next().isAccepted == false)
        let second = try dealer(to: endpoint, in: context, options: client(late))
        try second.send([Frame([4])])
        #expect(try router.expect().userID == late.publicKey.fingerprint)
    }

    @Test("an authenticator decides about peers without keys", arguments: [true, false])
    func authenticatorDecidesAboutPeersWithoutKeys(_ isAllowed: Bool) throws {
        let authenticator = try authenticator([], plainPeers: isAllowed ? .local : .refused)
        let router = try loopbackRouter(
            in: context, options: SocketOptions(security: .supervised(authenticator)))
        let endpoint = try router.endpoint
        let dealer = try dealer(to: endpoint, in: context)
        try dealer.send([Frame([1])])
        #expect(try decisions.next().isAccepted == isAllowed)
        if isAllowed {
            #expect(try router.expect().userID == nil)
        } else {
            #expect(try router.receive() == nil)
        }
    }

    @Test("the frame limit applies to encrypted frames")
    func frameLimitAppliesToEncryptedFrames() throws {
        let keys = try CurveKeyPair.generate()
        var options = SocketOptions(
            security: .curveServer(serverKeys, try authenticator([keys])))
        options.maximumFrameBytes = 1000
        let router = try loopbackRouter(in: context, options: options)
        let endpoint = try router.endpoint
        let dealer = try Socket(.dealer, in: context, options: client(keys))
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(to: endpoint)
        try dealer.send([Frame([UInt8](repeating: 1, count: 1000))])
        #expect(try router.expect().frames[1].count == 1000)
        try dealer.send([Frame([UInt8](repeating: 1, count: 1001))])
        _ = try events(upTo: .disconnected, from: monitor)
        #expect(try router.receive() == nil)
    }

    @Test("a context has at most one authenticator")
    func contextHasAtMostOneAuthenticator() throws {
        let first = try authenticator([])
        let error = #expect(throws: SocketError.self) { _ = try authenticator([]) }
        #expect(error?.kind == .addressInUse)
        let elsewhere = try Context()
        let options = SocketOptions(security: .curveServer(serverKeys, first))
        let policy = #expect(throws: SocketError.self) {
            _ = try Socket(.router, in: elsewhere, options: options)
        }
        #expect(policy?.kind == .policy)
        var nameless = options
        nameless.zapDomain = ""
        #expect(throws: SocketError.self) {
            _ = try Socket(.router, in: context, options: nameless)
        }
    }

    @Test("a socket keeps its authenticator alive") func socketKeepsItsAuthenticatorAlive() throws {
        let stranger = try CurveKeyPair.generate()
        // Only the socket holds the authenticator.
        let router = try server(try authenticator([]))
        let endpoint = try router.endpoint
        let dealer = try dealer(to: endpoint, in: context, options: client(stranger))
        try dealer.send([Frame([1])])
        #expect(try decisions.next().isAccepted == false)
        #expect(try router.receive() == nil)
    }

    @Test("malformed requests are answered and rejected")
    func malformedRequestsAreAnsweredAndRejected() throws {
        let keeper = try authenticator([])
        let asker = try Socket(.request, in: context)
        try asker.connect(to: .inproc(name: "zeromq.zap.01"))
        func status(_ frames: [String]) throws -> String {
            try asker.send(frames.map { Frame(text: $0) })
            return try asker.expect().frames[2].text
        }
        #expect(try status(["x"]) == "500")
        #expect(try status(["2.0", "1", "denju", "127.0.0.1", "", "NULL"]) == "500")
        #expect(try status(["1.0", "1", "denju", "127.0.0.1", "", "NULL"]) == "400")
        #expect(try status(["1.0", "1", "denju", "127.0.0.1", "", "CURVE", "short"]) == "400")
        #expect(try status(["1.0", "1", "denju", "127.0.0.1", "", "CURVE"]) == "400")
        #expect(try status(["1.0", "1", "denju", "127.0.0.1", "", "PLAIN", "me", "pw"]) == "400")
        _ = keeper
    }
}
