import Foundation
import Testing
import ZeroMQ

@Suite struct PollerTests {
    @Test("a wait ends at its timeout") func waitEndsAtItsTimeout() throws {
        var poller = Poller(waker: try Waker())
        let before = ContinuousClock.now
        #expect(try poller.wait(upTo: .milliseconds(20)).isTimeout)
        #expect(ContinuousClock.now - before >= .milliseconds(20))
        #expect(try poller.wait(upTo: .seconds(-1)).isTimeout)
    }

    @Test("a wake before the wait ends it at once") func wakeBeforeWaitEndsItAtOnce() throws {
        let waker = try Waker()
        var poller = Poller(waker: waker)
        waker.wake()
        waker.wake()
        #expect(try poller.wait(upTo: timeout).isWoken)
        #expect(try poller.wait(upTo: .zero).isTimeout)
    }

    @Test("another thread can wake a poller") func anotherThreadCanWakePoller() throws {
        let waker = try Waker()
        Thread.detachNewThread { waker.wake() }
        var poller = Poller(waker: waker)
        #expect(try poller.wait(upTo: timeout).isWoken)
    }

    @Test("readable sockets are reported by their numbers")
    func readableSocketsAreReportedByTheirNumbers() throws {
        let context = try Context()
        let left = try loopbackRouter(in: context)
        let leftEnd = try left.endpoint
        let right = try loopbackRouter(in: context)
        let rightEnd = try right.endpoint
        let toLeft = try dealer(to: leftEnd, in: context)
        let toRight = try dealer(to: rightEnd, in: context)
        var poller = Poller(waker: try Waker())
        let numbers = [poller.add(left), poller.add(right)]
        #expect(numbers == [0, 1])
        try toRight.send([Frame([1])])
        let ready = try poller.wait(upTo: timeout)
        #expect(ready.canReceive(1) && !ready.canReceive(0) && !ready.isWoken)
        // The socket stays readable until its message is received.
        #expect(try poller.wait(upTo: timeout) == ready)
        _ = try right.expect()
        #expect(try poller.wait(upTo: .zero).isTimeout)
        try toLeft.send([Frame([1])])
        #expect(try poller.wait(upTo: timeout).canReceive(0))
        poller.watch(0, for: [])
        #expect(try poller.wait(upTo: .zero).isTimeout)
    }

    @Test("a socket with a peer is reported as writable")
    func socketWithPeerIsReportedAsWritable() throws {
        let context = try Context()
        let end = Endpoint.inproc(name: "room")
        let first = try Socket(.pair, in: context)
        try first.bind(to: end)
        var poller = Poller()
        let number = poller.add(first, for: .writable)
        #expect(try poller.wait(upTo: .zero).isTimeout)
        let second = try Socket(.pair, in: context)
        try second.connect(to: end)
        #expect(try poller.wait(upTo: timeout).canSend(number))
        _ = second
    }

    @Test("a closed socket is skipped") func closedSocketIsSkipped() throws {
        let context = try Context()
        var poller = Poller()
        func add() throws {
            let socket = try Socket(.pair, in: context)
            _ = poller.add(socket)
        }
        try add()
        #expect(try poller.wait(upTo: .zero).isTimeout)
    }

    @Test("a monitor reports connection and disconnection")
    func monitorReportsConnectionAndDisconnection() throws {
        let context = try Context()
        let watched = try Socket(.dealer, in: context)
        let monitor = try SocketMonitor(of: watched)
        var end: Endpoint?
        do {
            let router = try loopbackRouter(in: context)
            let endpoint = try router.endpoint
            end = endpoint
            try watched.connect(to: endpoint)
            let seen = try events(upTo: .handshakeSucceeded, from: monitor)
            #expect(seen.contains(.connected))
            try watched.send([Frame([1])])
            _ = try router.expect()
        }
        #expect(end != nil)
        _ = try events(upTo: .disconnected, from: monitor)
    }

    @Test("a monitor may end before its socket") func monitorMayEndBeforeItsSocket() throws {
        let context = try Context()
        let router = try loopbackRouter(in: context)
        let endpoint = try router.endpoint
        let watched = try Socket(.dealer, in: context)
        do {
            let monitor = try SocketMonitor(of: watched)
            try watched.connect(to: endpoint)
            _ = try events(upTo: .connected, from: monitor)
        }
        try watched.send([Frame([1])])
        _ = try router.expect()
    }

    /// A connected socket with its monitor, released in this order.
    private final class MonitoredSocket {
        let socket: Socket
        let monitor: SocketMonitor

        init(to endpoint: Endpoint, in context: Context) throws {
            socket = try Socket(.dealer, in: context)
            monitor = try SocketMonitor(of: socket)
            try socket.connect(to: endpoint)
        }
    }

    @Test("a socket may close before its monitor") func socketMayCloseBeforeItsMonitor() throws {
        let context = try Context()
        let router = try loopbackRouter(in: context)
        let endpoint = try router.endpoint
        for _ in 0..<20 {
            let monitored = try MonitoredSocket(to: endpoint, in: context)
            try monitored.socket.send([Frame([1])])
            _ = try router.expect()
        }
        // An I/O thread that waits for a reader of an event would serve no other socket.
        let dealer = try Socket(.dealer, in: context)
        try dealer.connect(to: endpoint)
        try dealer.send([Frame([2])])
        _ = try router.expect()
    }
}
