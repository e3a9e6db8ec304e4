import Testing
import ZeroMQ

@Suite struct SocketTests {
    @Test("multipart messages arrive in both directions")
    func multipartMessagesArriveInBothDirections() throws {
        let context = try Context()
        let router = try loopbackRouter(in: context)
        let endpoint = try router.endpoint
        let dealer = try dealer(to: endpoint, in: context)
        let long = [UInt8](repeating: 7, count: 300_000)
        try dealer.send([Frame(text: "hello"), Frame([]), Frame(long)])
        let question = try router.expect()
        #expect(question.contents.dropFirst() == [Array("hello".utf8), [], long])
        #expect(question.discardedFrames == 0)
        #expect(question.peerAddress == "127.0.0.1")
        #expect(question.userID == nil)
        try router.send([Frame(text: "world"), question.frames[3]], to: question.frames[0])
        #expect(try dealer.expect().contents == [Array("world".utf8), long])
        #expect(try dealer.receive() == nil)
    }

    @Test("a router reports an unknown peer") func routerReportsUnknownPeer() throws {
        let context = try Context()
        let router = try loopbackRouter(in: context)
        let error = #expect(throws: SocketError.self) {
            try router.send([Frame([1])], to: Frame(text: "nobody"))
        }
        #expect(error?.kind == .unroutable)
        #expect(error?.description == "The message cannot be sent: Host unreachable.")
    }

    @Test("sending without a peer would block") func sendingWithoutPeerWouldBlock() throws {
        let context = try Context()
        for kind in [SocketKind.pair, .dealer] {
            let socket = try Socket(kind, in: context)
            let error = #expect(throws: SocketError.self) { try socket.send([Frame([1])]) }
            #expect(error?.kind == .wouldBlock)
        }
    }

    @Test("a full queue rejects whole messages") func fullQueueRejectsWholeMessages() throws {
        let context = try Context()
        var options = SocketOptions()
        options.sendHighWaterMark = 3
        options.receiveHighWaterMark = 3
        let router = try Socket(.router, in: context, options: options)
        let endpoint = Endpoint.inproc(name: "full")
        try router.bind(to: endpoint)
        let dealer = try dealer(to: endpoint, in: context, options: options)
        var sent = 0
        let error = #expect(throws: SocketError.self) {
            while sent < 100 {
                try dealer.send([Frame([UInt8(sent)]), Frame([2])])
                sent += 1
            }
        }
        #expect(error?.kind == .wouldBlock)
        for number in 0..<sent {
            #expect(try router.expect().contents.dropFirst() == [[UInt8(number)], [2]])
        }
        #expect(try router.receive() == nil)
    }

    @Test("a peer's routing id is the one it chose") func peersRoutingIdIsOneItChose() throws {
        let context = try Context()
        let router = try loopbackRouter(in: context)
        let endpoint = try router.endpoint
        var options = SocketOptions()
        options.routingID = Array("kiln".utf8)
        let dealer = try dealer(to: endpoint, in: context, options: options)
        try dealer.send([Frame([1])])
        #expect(try router.expect().frames[0].text == "kiln")
        options.routingID = [0, 1]
        #expect(throws: SocketError.self) {
            _ = try Socket(.dealer, in: context, options: options)
        }
    }

    @Test("an endpoint can be bound once") func endpointCanBeBoundOnce() throws {
        let context = try Context()
        let router = try loopbackRouter(in: context)
        let endpoint = try router.endpoint
        let second = try Socket(.router, in: context)
        let error = #expect(throws: SocketError.self) { try second.bind(to: endpoint) }
        #expect(error?.kind == .addressInUse)
        #expect(
            error?.description
                == "The socket cannot be bound to \(endpoint): Address already in use.")
        _ = router
    }

    @Test("a connection needs a port") func connectionNeedsPort() throws {
        let context = try Context()
        let socket = try Socket(.dealer, in: context)
        let error = #expect(throws: SocketError.self) {
            try socket.connect(to: Endpoint("tcp://127.0.0.1:*"))
        }
        #expect(error?.kind == .invalidEndpoint)
    }

    @Test("a frame beyond the limit ends the connection")
    func frameBeyondLimitEndsConnection() throws {
        let context = try Context()
        var options = SocketOptions()
        options.maximumFrameBytes = 1000
        let router = try loopbackRouter(in: context, options: options)
        let endpoint = try router.endpoint
        let dealer = try Socket(.dealer, in: context)
        let monitor = try SocketMonitor(of: dealer)
        try dealer.connect(to: endpoint)
        try dealer.send([Frame([UInt8](repeating: 1, count: 1000))])
        #expect(try router.expect().frames[1].count == 1000)
        try dealer.send([Frame([UInt8](repeating: 2, count: 1001))])
        _ = try events(upTo: .disconnected, from: monitor)
        // The socket reconnects; the long frame has not arrived.
        try dealer.send([Frame([3])])
        #expect(try router.expect().frames[1].bytes == [3])
    }

    @Test("frames beyond the limit are dropped and counted")
    func framesBeyondLimitAreDroppedAndCounted() throws {
        let context = try Context()
        var options = SocketOptions()
        options.maximumFrames = 3
        let router = try loopbackRouter(in: context, options: options)
        let endpoint = try router.endpoint
        let dealer = try dealer(to: endpoint, in: context)
        try dealer.send((0..<10).map { Frame([$0]) })
        try dealer.send([Frame([42])])
        let message = try router.expect()
        #expect(message.frames.count == 3)
        #expect(message.discardedFrames == 8)
        #expect(try router.expect().contents.last == [42])
    }

    @Test("closing does not wait for peers") func closingDoesNotWaitForPeers() throws {
        let before = ContinuousClock.now
        do {
            let context = try Context()
            let dealer = try Socket(.dealer, in: context)
            // No process listens on the discard port, so the message cannot be delivered.
            try dealer.connect(to: .tcp(host: "127.0.0.1", port: 9))
            try dealer.send([Frame([1])])
        }
        #expect(ContinuousClock.now - before < timeout)
    }

    @Test("impossible options are rejected") func impossibleOptionsAreRejected() throws {
        let context = try Context()
        var options = SocketOptions()
        options.maximumFrameBytes = 0
        #expect(throws: SocketError.self) { _ = try Socket(.pair, in: context, options: options) }
        options = SocketOptions()
        options.sendHighWaterMark = -1
        #expect(throws: SocketError.self) { _ = try Socket(.pair, in: context, options: options) }
        #expect(throws: SocketError.self) { _ = try Context(ioThreads: 0) }
    }

    @Test("the number of sockets is limited") func numberOfSocketsIsLimited() throws {
        let context = try Context(ioThreads: 2, maximumSockets: 1)
        let first = try Socket(.pair, in: context)
        #expect(throws: SocketError.self) { _ = try Socket(.pair, in: context) }
        _ = first
    }
}
