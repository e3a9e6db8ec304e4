import CZeroMQ

/// A received frame in libzmq's own buffer.
@safe final class ReceivedBytes {
    let message: UnsafeMutablePointer<zmq_msg_t>

    init() {
        unsafe message = .allocate(capacity: 1)
        _ = unsafe zmq_msg_init(message)
    }

    deinit {
        _ = unsafe zmq_msg_close(message)
        unsafe message.deallocate()
    }

    var hasMore: Bool { unsafe zmq_msg_more(message) != 0 }

    /// A property of the connection, such as `User-Id` or `Peer-Address`; nil if it is unknown.
    func property(_ name: String) -> String? {
        guard let value = unsafe zmq_msg_gets(message, name), unsafe value.pointee != 0 else {
            return nil
        }
        return unsafe String(cString: value)
    }
}

extension Frame {
    init(_ received: ReceivedBytes) {
        let base = unsafe zmq_msg_data(received.message).map { UnsafeRawPointer($0) }
        unsafe self.init(
            owner: received, base: base ?? OwnedBytes.nowhere, count: zmq_msg_size(received.message)
        )
    }

    func property(_ name: String) -> String? { (owner as? ReceivedBytes)?.property(name) }
}
