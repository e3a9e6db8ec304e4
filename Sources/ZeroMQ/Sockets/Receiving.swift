import CZeroMQ
import Glibc

extension Socket {
    /// The next message, or nil if none has arrived.
    ///
    /// A router prepends the routing id of the peer to the peer's frames.
    package func receive() throws(SocketError) -> Multipart? {
        var message = Multipart()
        var more = true
        while more {
            // libzmq delivers all frames of a message at once: only the first can be missing.
            guard let received = try handle.receive() else { return nil }
            more = received.hasMore
            if message.frames.count < handle.maximumFrames {
                message.frames.append(Frame(received))
            } else {
                // Received all the same: the next message begins after the last frame.
                message.discardedFrames += 1
            }
        }
        return message
    }

    /// The next message; nil if none arrives within the timeout.
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
