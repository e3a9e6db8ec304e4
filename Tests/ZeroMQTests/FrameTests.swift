import Testing
import ZeroMQ

@Suite struct FrameTests {
    /// A frame source that reports its release.
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

    @Test("one frame reaches two peers without a copy")
    func oneFrameReachesTwoPeersWithoutCopy() throws {
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
        // Only the sockets hold the source now.
        #expect(try poller.wait(upTo: .zero).isTimeout)
        try first.expectFrame(at: address)
        #expect(try poller.wait(upTo: .zero).isTimeout)
        try second.expectFrame(at: address)
        #expect(try poller.wait(upTo: timeout).isWoken)
    }

    @Test("bytes are freed after sending") func bytesAreFreedAfterSending() throws {
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
        #expect(try poller.wait(upTo: timeout).isWoken)
    }

    @Test("unsent bytes are freed with their socket")
    func unsentBytesAreFreedWithTheirSocket() throws {
        let context = try Context()
        let released = try Waker()
        var poller = Poller(waker: released)
        do {
            let dealer = try Socket(.dealer, in: context)
            // No process listens on this port.
            try dealer.connect(to: .tcp(host: "127.0.0.1", port: 9))
            try dealer.send([Frame(Parcel(count: 1000, onRelease: released))])
        }
        #expect(try poller.wait(upTo: timeout).isWoken)
    }

    @Test("bytes that cannot be sent are freed") func bytesThatCannotBeSentAreFreed() throws {
        let context = try Context()
        let released = try Waker()
        var poller = Poller(waker: released)
        let socket = try Socket(.pair, in: context)
        #expect(throws: SocketError.self) {
            try socket.send([Frame(Parcel(count: 1000, onRelease: released))])
        }
        #expect(try poller.wait(upTo: timeout).isWoken)
    }

    @Test("frames can be written in place") func framesCanBeWrittenInPlace() {
        let frame = Frame(count: 5) { $0.storeBytes(of: 0xAB, toByteOffset: 3, as: UInt8.self) }
        #expect(frame.bytes == [0, 0, 0, 0xAB, 0])
        #expect(frame == Frame([0, 0, 0, 0xAB, 0]))
        #expect(Frame([]).bytes == [])
        #expect(frame.withBytes { $0.byteCount } == 5)
    }

    @Test("frame sources may be empty") func frameSourcesMayBeEmpty() throws {
        let empty = Frame(Parcel(count: 0, onRelease: try Waker()))
        #expect(empty.count == 0)
        #expect(empty.bytes == [])
    }
}

extension Socket {
    /// Receives one frame, which must be at the given address, and releases it.
    fileprivate borrowing func expectFrame(at address: UInt) throws {
        #expect(try expect().frames[0].address == address)
    }
}
