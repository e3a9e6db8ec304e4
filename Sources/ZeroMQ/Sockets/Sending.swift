import CZeroMQ
import Glibc

extension Socket {
    /// Queues a message of one or more frames, or nothing.
    ///
    /// A router's first frame is the routing id of the peer. Frames are not copied, except short
    /// ones: their sources are released after the last peer has received them. Throws
    /// ``SocketError`` of kind ``SocketError/Kind/wouldBlock`` if the peer's queue is full, or
    /// ``SocketError/Kind/unroutable`` if a router does not know the peer.
    package func send(_ frames: [Frame]) throws(SocketError) {
        precondition(!frames.isEmpty, "A message has at least one frame.")
        var failure: Int32?
        for (place, frame) in frames.enumerated() {
            let more = place < frames.count - 1
            let number = handle.send(frame, more: more)
            guard number != 0 else { continue }
            failure = failure ?? number
            // An error at the first frame queues nothing. A later one means that the peer is gone:
            // libzmq then drops frames up to the last one, which must therefore still be sent.
            if place == 0 { break }
        }
        if let failure {
            throw SocketError(errno: failure, "The message cannot be sent")
        }
    }

    /// Queues a message for one of a router's peers.
    package func send(_ frames: [Frame], to peer: Frame) throws(SocketError) {
        try send([peer] + frames)
    }
}

extension SocketHandle {
    // Below it, a copy is cheaper than a reference-counted block.
    /// The largest frame that is copied into the message.
    private static let copiedBytes = 512

    /// Queues a frame; 0 or the error number.
    fileprivate func send(_ frame: Frame, more: Bool) -> Int32 {
        var message = zmq_msg_t()
        return unsafe withUnsafeMutablePointer(to: &message) { message in
            let made =
                if frame.count <= Self.copiedBytes {
                    unsafe zmq_msg_init_size(message, frame.count)
                } else {
                    unsafe zmq_msg_init_data(
                        message, UnsafeMutableRawPointer(mutating: frame.base), frame.count,
                        { _, owner in unsafe Unmanaged<AnyObject>.fromOpaque(owner!).release() },
                        Unmanaged<AnyObject>.passRetained(frame.owner).toOpaque())
                }
            guard made == 0 else { return zmq_errno() }
            if frame.count > 0, frame.count <= Self.copiedBytes {
                unsafe memcpy(zmq_msg_data(message), frame.base, frame.count)
            }
            let flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)
            while unsafe zmq_msg_send(message, pointer, flags) < 0 {
                let number = zmq_errno()
                if number == EINTR { continue }
                _ = unsafe zmq_msg_close(message)
                return number
            }
            return 0
        }
    }
}
