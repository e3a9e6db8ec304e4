import CZeroMQ

/// A libzmq socket, with the objects that must outlive it.
///
/// ``Socket`` owns the handle; pollers and monitors refer to it.
@safe final class SocketHandle {
    private(set) var pointer: UnsafeMutableRawPointer?
    let context: Context
    // Without a running handler, libzmq admits every peer.
    /// The security of the socket, which keeps the ZAP handler alive.
    let security: Security
    let maximumFrames: Int

    init(_ kind: SocketKind, context: Context, options: SocketOptions) throws(SocketError) {
        guard let pointer = unsafe zmq_socket(context.pointer, kind.number) else {
            throw SocketError(errno: zmq_errno(), "A \(kind) socket cannot be created")
        }
        unsafe self.pointer = unsafe pointer
        self.context = context
        security = options.security
        maximumFrames = options.maximumFrames
        try apply(options, kind: kind)
    }

    deinit { close() }

    func close() {
        guard let open = unsafe pointer else { return }
        unsafe pointer = nil
        // libzmq's I/O thread reports the end of connections after the close. Without a reader of that report
        // it would wait forever, and no other socket of the context would send or connect again.
        _ = unsafe zmq_socket_monitor(open, nil, 0)
        _ = unsafe zmq_close(open)
    }
}

// MARK: - Options

extension SocketHandle {
    private func apply(_ options: SocketOptions, kind: SocketKind) throws(SocketError) {
        try set(ZMQ_LINGER, options.linger)
        try set(ZMQ_SNDHWM, options.sendHighWaterMark, "a send high-water mark")
        try set(ZMQ_RCVHWM, options.receiveHighWaterMark, "a receive high-water mark")
        guard options.maximumFrameBytes > 0, options.maximumFrames > 0 else {
            throw SocketError(
                .invalidOption, "A socket must accept at least one byte and one frame.")
        }
        let overhead = options.security.usesCurve ? Security.curveFrameOverhead : 0
        try set(ZMQ_MAXMSGSIZE, wide: Int64(options.maximumFrameBytes + overhead))
        try set(ZMQ_HANDSHAKE_IVL, options.handshakeTimeout)
        if let interval = options.heartbeatInterval {
            try set(ZMQ_HEARTBEAT_IVL, interval)
            try set(ZMQ_HEARTBEAT_TIMEOUT, options.heartbeatTimeout ?? interval)
        }
        if let timeout = options.connectTimeout { try set(ZMQ_CONNECT_TIMEOUT, timeout) }
        try set(ZMQ_RECONNECT_IVL, options.reconnectInterval)
        try set(ZMQ_RECONNECT_IVL_MAX, options.reconnectMaximum)
        try set(ZMQ_IMMEDIATE, options.immediate ? 1 : 0, "that")
        if kind == .router {
            try set(ZMQ_ROUTER_MANDATORY, options.routerMandatory ? 1 : 0, "that")
            try set(ZMQ_ROUTER_HANDOVER, 0, "that")
            try set(ZMQ_BACKLOG, Self.backlog, "that")
        }
        if let id = options.routingID {
            guard (1...255).contains(id.count), id[0] != 0 else {
                throw SocketError(
                    .invalidOption, "A routing id has 1 to 255 bytes, and the first is not 0.")
            }
            try set(ZMQ_ROUTING_ID, bytes: id, "that routing id")
        }
        try apply(options.security, domain: options.zapDomain)
    }

    private func apply(_ security: Security, domain: String) throws(SocketError) {
        if let authenticator = security.authenticator {
            guard authenticator.context === context else {
                throw SocketError(
                    .policy, "A socket and its authenticator must be of the same context.")
            }
            guard !domain.isEmpty else {
                throw SocketError(.policy, "A socket with an authenticator needs a ZAP domain.")
            }
            try set(ZMQ_ZAP_DOMAIN, bytes: Array(domain.utf8), "that ZAP domain")
        }
        switch security {
        case .none, .supervised: break
        case .curveServer(let keys, _):
            try CurveKeyPair.requireCurve()
            try set(ZMQ_CURVE_SERVER, 1, "CURVE")
            try set(ZMQ_CURVE_SECRETKEY, bytes: keys.secretKey.bytes, "that secret key")
        case .curveClient(let keys, let server):
            try CurveKeyPair.requireCurve()
            try set(ZMQ_CURVE_SERVERKEY, bytes: server.bytes, "that server key")
            try set(ZMQ_CURVE_PUBLICKEY, bytes: keys.publicKey.bytes, "that public key")
            try set(ZMQ_CURVE_SECRETKEY, bytes: keys.secretKey.bytes, "that secret key")
        }
    }

    /// Connections that may wait to be accepted: a thousand workers may connect at once, and libzmq's
    /// default is 100.
    static let backlog = 4096

    /// Has the next bind use a listening descriptor; -1 for one of its own.
    func setListener(_ descriptor: Int32) throws(SocketError) {
        var number = descriptor
        guard unsafe zmq_setsockopt(pointer, ZMQ_USE_FD, &number, MemoryLayout<Int32>.size) == 0
        else { throw SocketError(errno: zmq_errno(), "A socket cannot use a given descriptor") }
    }

    func set(_ option: Int32, _ value: Int, _ what: String) throws(SocketError) {
        var number = Int32(clamping: value)
        let size = MemoryLayout<Int32>.size
        guard value >= 0, unsafe zmq_setsockopt(pointer, option, &number, size) == 0 else {
            throw SocketError(.invalidOption, "A socket cannot have \(what) of \(value).")
        }
    }

    private func set(_ option: Int32, wide value: Int64) throws(SocketError) {
        var number = value
        let size = MemoryLayout<Int64>.size
        guard unsafe zmq_setsockopt(pointer, option, &number, size) == 0 else {
            throw SocketError(.invalidOption, "A socket cannot have a limit of \(value).")
        }
    }

    private func set(_ option: Int32, _ duration: Duration) throws(SocketError) {
        try set(option, Int(duration.milliseconds), "a time in milliseconds")
    }

    func set(_ option: Int32, bytes: [UInt8], _ what: String) throws(SocketError) {
        guard unsafe zmq_setsockopt(pointer, option, bytes, bytes.count) == 0 else {
            throw SocketError(errno: zmq_errno(), "A socket cannot have \(what)")
        }
    }

    func lastEndpoint() throws(SocketError) -> String {
        var text = [CChar](repeating: 0, count: 1024)
        var size = text.count
        guard unsafe zmq_getsockopt(pointer, ZMQ_LAST_ENDPOINT, &text, &size) == 0 else {
            throw SocketError(errno: zmq_errno(), "The socket does not say where it is bound")
        }
        let bytes = text.prefix(while: { $0 != 0 }).map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, as many as an Int32 holds.
    var milliseconds: Int32 {
        let (seconds, attoseconds) = components
        guard seconds < Int64(Int32.max) / 1000 else { return .max }
        return Int32(
            clamping: seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
