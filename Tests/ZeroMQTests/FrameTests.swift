import Testing
import ZeroMQ

@Suite struct FrameTests {
    /// Bytes that say when they are let go.
    private final class Parcel: FrameSource {
        private let bytes: [UInt8]
        private let onRelease: Waker

        init(count: Int, onRelease: Waker) {
            bytes = [UInt8](repeating: 9, count: count)
            self.onRelease = onRelease
        }

        deinit { onRelease.wake() }

        func withFrameBytes(_ body: (RawSpan) -> Void) {
            unsafe bytes.withUnsafeBytes { unsafe body(RawSpan(_unsafeBytes: $0)) }
        }
    }

    @Test func oneFrameReachesTwoPeersWithoutACopy() throws {
        let context = try Context()
        let released = try Waker()
        var poller = Poller(waker: released)
        let router = try Socket(.router, in: context)
        let endpoint = Endpoint.inproc(name: "two peers")
        try router.bind(to: endpoint)
        let first = try dealer(to: endpoint, in: context)
        let second = try dealer(to: endpoint, in: context)
        try first.send([Frame([1])])
        try second.send([Frame([2])])
        var address: UInt = 0
        do {
            let frame = Frame(Parcel(count: 1 << 20, onRelease: released))
            address = frame.address
            for _ in 0..<2 { try router.send([frame], to: router.expect().frames[0]) }
        }
        // The sockets alone have it now.
        #expect(try poller.wait(upTo: .zero).isTimeout)
        try first.expectFrame(at: address)
        #expect(try poller.wait(upTo: .zero).isTimeout)
        try second.expectFrame(at: address)
        #expect(try poller.wait(upTo: patience).isWoken)
    }

    @Test func bytesSentOverTheNetworkAreFreedAfterwards() throws {
        let context = try Context()
        let released = try Waker()
        var poller = Poller(waker: released)
        let router = try loopbackRouter(in: context)
        let endpoint = try router.endpoint
        let dealer = try dealer(to: endpoint, in: context)
        try dealer.send([Frame(Parcel(count: 5_000_000, onRelease: released))])
        let message = try router.expect()
        #expect(message.frames[1].count == 5_000_000)
        #expect(message.frames[1].bytes.allSatisfy { $0 == 9 })
        #expect(try poller.wait(upTo: patience).isWoken)
    }

    @Test func unsentBytesAreFreedWithTheSocket() throws {
        let context = try Context()
        let released = try Waker()
        var poller = Poller(waker: released)
        do {
            let dealer = try Socket(.dealer, in: context)
            // Nobody listens there.
            try dealer.connect(to: .tcp(host: "127.0.0.1", port: 9))
            try dealer.send([Frame(Parcel(count: 1000, onRelease: released))])
        }
        #expect(try poller.wait(upTo: patience).isWoken)
    }

    @Test func refusedBytesAreFreed() throws {
        let context = try Context()
        let released = try Waker()
        var poller = Poller(waker: released)
        let socket = try Socket(.pair, in: context)
        #expect(throws: SocketError.self) {
            try socket.send([Frame(Parcel(count: 1000, onRelease: released))])
        }
        #expect(try poller.wait(upTo: patience).isWoken)
    }

    @Test func framesCanBeWrittenInPlace() {
        let frame = Frame(count: 5) { $0.storeBytes(of: 0xAB, toByteOffset: 3, as: UInt8.self) }
        #expect(frame.bytes == [0, 0, 0, 0xAB, 0])
        #expect(frame == Frame([0, 0, 0, 0xAB, 0]))
        #expect(Frame([]).bytes == [])
        #expect(frame.withBytes { $0.byteCount } == 5)
    }

    @Test func sourcesMayBeEmpty() throws {
        let empty = Frame(Parcel(count: 0, onRelease: try Waker()))
        #expect(empty.count == 0)
        #expect(empty.bytes == [])
    }
}

extension Socket {
    /// Receives one frame, which must lie at that address, and lets it go.
    fileprivate borrowing func expectFrame(at address: UInt) throws {
        #expect(try expect().frames[0].address == address)
    }
}
