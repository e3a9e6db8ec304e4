import CZeroMQ

/// The I/O threads of a process's sockets.
///
/// Threads may share a context, but not its sockets. Sockets keep the context alive; after the last
/// of them, the context ends within the longest ``SocketOptions/linger``.
@safe package final class Context: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer

    /// A context.
    ///
    /// - Parameters:
    ///   - ioThreads: I/O threads, over which connections are spread. One thread encrypts about
    ///     1 GB/s at most.
    ///   - maximumSockets: the most sockets that may be open at once.
    package init(ioThreads: Int = 1, maximumSockets: Int = 1023) throws(SocketError) {
        guard let pointer = unsafe zmq_ctx_new() else {
            throw SocketError(errno: zmq_errno(), "A ZeroMQ context cannot be created")
        }
        unsafe self.pointer = unsafe pointer
        try set(ZMQ_IO_THREADS, ioThreads, "I/O threads")
        try set(ZMQ_MAX_SOCKETS, maximumSockets, "sockets")
    }

    private func set(_ option: Int32, _ value: Int, _ what: String) throws(SocketError) {
        guard value > 0, unsafe zmq_ctx_set(pointer, option, Int32(clamping: value)) == 0 else {
            throw SocketError(.invalidOption, "A ZeroMQ context cannot have \(value) \(what).")
        }
    }

    deinit {
        while unsafe zmq_ctx_term(pointer) != 0 && zmq_errno() == EINTR {}
    }
}

/// The ZeroMQ library this process has loaded.
package enum ZeroMQLibrary {
    /// The library's version, such as `4.3.4`.
    package static var version: String {
        var parts: (Int32, Int32, Int32) = (0, 0, 0)
        unsafe zmq_version(&parts.0, &parts.1, &parts.2)
        return "\(parts.0).\(parts.1).\(parts.2)"
    }

    /// Whether the library supports CURVE encryption and authentication.
    package static var hasCurve: Bool { unsafe zmq_has("curve") == 1 }
}
