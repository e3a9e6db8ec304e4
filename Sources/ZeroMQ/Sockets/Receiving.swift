import CZeroMQ
import Glibc

extension Socket {
    /// The next message, or nil if none has arrived.
    ///
    /// A router puts the routing id of the peer before the peer's own frames.
    package func receive() throws(SocketError) -> Multipart? {
        var message = Multipart()
        var more = true
        while more {
            // The frames of a message arrive together, so after the first none has to be waited for.
            guard let received = try handle.receive() else { return nil }
            more = received.hasMore
            if message.frames.count < handle.maximumFrames {
                message.frames.append(Frame(received))
            } else {
                message.discardedFrames += 1
            }
        }
        return message
    }

    /// The next message, waiting for it no longer than that; nil if none arrived.
    package func receive(within timeout: Duration) throws(SocketError) -> Multipart? {
        if let message = try receive() { return message }
        var poller = Poller()
        _ = poller.add(self)
        let deadline = ContinuousClock.now + timeout
        repeat {
            _ = try poller.wait(until: deadline)
            if let message = try receive() { return message }
        } while ContinuousClock.now < deadline
        return nil
    }
}

extension SocketHandle {
    fileprivate func receive() throws(SocketError) -> ReceivedBytes? {
        let received = ReceivedBytes()
        while unsafe zmq_msg_recv(received.message, pointer, ZMQ_DONTWAIT) < 0 {
            let number = zmq_errno()
            if number == EINTR { continue }
            if number == EAGAIN { return nil }
            throw SocketError(errno: number, "A message cannot be received")
        }
        return received
    }
}
