import Messages
import ZeroMQ

/// Receives clients' messages, enforces limits and keys, and knows which connections are workers.
///
/// Messages of admitted workers go to its ``WorkerListenerDelegate``; keys, limits and clients that
/// are not admitted are its own concern. It never blocks: a driver calls ``receive(while:)`` and
/// ``tick()`` at each of its turns. One thread uses it.
final class WorkerListener {
    /// A client that can be answered although it is not admitted.
    struct Caller {
        let route: Route
        let connection: Connection?
        /// Its authenticated key; nil without keys.
        let userID: String?
    }

    /// The heartbeat timeout: a client that is silent for longer is given up.
    var timeout: Duration { didSet { limiter.timeout = timeout } }
    /// The run id and epoch that workers' messages must state.
    var session = (run: RunID.none, epoch: UInt64(0))
    weak var delegate: (any WorkerListenerDelegate)?
    /// The connections of admitted workers.
    var peers = Peers()
    /// The counts of what was received and sent.
    var traffic = Traffic()
    let transport: any ServerTransport
    let limits: PeerLimits
    /// Bytes that each worker may be sent of the weights at a time.
    var weightsBytes = 0
    /// The most messages that a worker can be asked for at a time.
    var mostRequested: Int {
        get { limiter.mostRequested }
        set { limiter.mostRequested = newValue }
    }
    /// Bytes of the longest message that a worker of the run sends.
    var longestMessage: Int {
        get { limiter.longestMessage }
        set { limiter.longestMessage = newValue }
    }
    let clock: MonotonicClock
    let keys: KeyGuard?
    var limiter: ConnectionLimiter
    private var remarks = RemarkLimiter()
    /// The introductions and questions that are answered.
    var admissions: AdmissionLimiter
    private var lastHeartbeat: Duration
    private var lastConnectionCheck: Duration
    private var lastOverdueCheck: Duration
    /// Whether all messages were handled since ``lastOverdueCheck``.
    private var isDrained = false

    /// A listener over a transport.
    ///
    /// - Parameter keys: decides which keys may join; nil where clients have none.
    init(
        over transport: any ServerTransport, limits: PeerLimits, keys: KeyGuard? = nil,
        heartbeatTimeout: Duration, clock: MonotonicClock
    ) {
        self.transport = transport
        self.limits = limits
        self.keys = keys
        self.clock = clock
        timeout = heartbeatTimeout
        limiter = ConnectionLimiter(limits, heartbeatTimeout: heartbeatTimeout)
        admissions = AdmissionLimiter(limits.admissions)
        let now = clock.now
        (lastHeartbeat, lastConnectionCheck, lastOverdueCheck) = (now, now, now)
    }

    // MARK: Receiving

    /// Handles the messages that have arrived.
    ///
    /// It returns after a fortieth of the timeout although more may have arrived: heartbeats must not
    /// wait for a flood to end.
    func receive(while isWanted: () -> Bool) throws {
        let deadline = clock.now + timeout / 40
        var isDrained = false
        while isWanted(), !isDrained, clock.now < deadline {
            guard let message = try transport.receive() else {
                isDrained = true
                continue
            }
            try handle(message)
        }
        // A worker's last messages arrive before the end of its connection is known, unless other
        // clients send without end.
        self.isDrained = self.isDrained || isDrained
        if isDrained || clock.now - lastConnectionCheck > timeout / 10 { try checkConnections() }
    }

    private func handle(_ message: ReceivedMessage) throws {
        let size = message.frames.reduce(message.route.frame.count) { $0 + $1.count }
        traffic.messages.up += 1
        traffic.bytes.up += size
        if let connection = message.connection {
            // A connection's first message may be received before the event of its opening.
            if !limiter.isOpen(connection) { try checkConnections() }
            // The wire adds less than 64 bytes to a frame, encrypted or not.
            let wireBytes = size + 64 * (message.frames.count + 1)
            switch limiter.judge(connection, bytes: wireBytes, at: clock.now) {
            case .accept: break
            case .ignore: return
            case .close(let violation): return close(connection, violation)
            }
            // A message of more frames costs memory for each of them, however short they are.
            guard message.frames.count <= Limits.payloads + 2 else {
                return close(connection, .frames(Limits.payloads))
            }
        }
        do {
            let envelope = try WireMessage.envelope(of: message.frames)
            switch envelope.kind {
            case StatusRequest.kind: try answerStatus(message, envelope)
            case Hello.kind:
                // The connection may be new under the number of one that has ended.
                try checkConnections()
                guard let hello = try WireMessage(envelope, message.frames).message as? Hello
                else { return }
                handle(
                    hello,
                    from: Caller(
                        route: message.route, connection: message.connection,
                        userID: message.userID))
            default: try handle(message, envelope)
            }
        } catch {
            if let worker = peers.id(at: message.route) {
                lose(worker, .malformedMessage("\(error)"))
            } else {
                reject(message.route, .malformedMessage("\(error)"))
            }
        }
    }

    /// Handles a message that only a worker sends.
    private func handle(_ message: ReceivedMessage, _ envelope: Envelope) throws {
        guard let worker = peers.id(at: message.route),
            (envelope.run, envelope.epoch) == session
        else { return requestReconnection(message.route, envelope) }
        // The routing id of a connection that has ended can be chosen by another client.
        guard let peer = peers[worker], peer.userID == message.userID else {
            return lose(worker, .keyChanged)
        }
        delegate?.didReceive(try WireMessage(envelope, message.frames), from: worker)
    }

    private func handle(_ hello: Hello, from caller: Caller) {
        guard mayAsk(caller.connection, userID: caller.userID) else { return }
        if let known = peers.id(at: caller.route) { lose(known, .reconnected) }
        delegate?.didReceiveHello(hello, from: caller)
    }

    /// Adds a client as a worker and welcomes it.
    ///
    /// - Parameter welcome: the welcome except for the worker's number.
    func admit(_ hello: Hello, from caller: Caller, _ welcome: Welcome) {
        let peer = peers.add(
            at: caller, name: hello.fullName, key: keys?.name(of: caller.userID), now: clock.now)
        if let connection = caller.connection { limiter.admit(connection) }
        // Before the welcome is sent: if that fails, the worker is lost and must be known.
        delegate?.didAdmit(peer.id, hello)
        delegate?.record(
            .joined(
                peer.id, name: peer.nameAndKey, threads: Int(hello.threads),
                blasCore: hello.blasCore))
        var welcome = welcome
        welcome.workerID = peer.id
        send(WireMessage(welcome), to: peer.id)
    }

    func lose(_ worker: WorkerID, _ reason: LossReason) {
        delegate?.didLose(worker, reason)
    }

    /// Bytes beyond which a worker that has not taken them is lost.
    var outstandingLimit: Int { limits.outstandingBytes + weightsBytes }

    /// Forgets a worker and ends its connection, which would otherwise keep what was sent over it.
    @discardableResult
    func remove(_ worker: WorkerID, _ reason: LossReason) -> Peers.Peer? {
        guard let peer = peers.remove(worker) else { return nil }
        switch reason {
        // The worker continues over this connection.
        case .reconnected: break
        // The descriptor of a connection that has ended may belong to another one by now.
        case .connectionLost, .keyChanged: break
        default: if let connection = peer.connection, isOpen(connection) { close(connection) }
        }
        return peer
    }

    // MARK: Time

    /// Sends heartbeats, and closes connections that exceed a limit or whose keys were removed;
    /// returns whether a heartbeat was due.
    func tick() -> Bool {
        if keys?.isReloadRequested == true { reloadKeys() }
        let now = clock.now
        // A gigabyte may arrive within a heartbeat.
        if now - lastOverdueCheck > timeout / 50 { closeOverdue(at: now) }
        guard now - lastHeartbeat > timeout / 5 else { return false }
        lastHeartbeat = now
        // Sending to a worker whose connection has ended fails at once, long before its silence would
        // be noticed.
        send(WireMessage(HeartbeatReply()), to: peers.all.map(\.id))
        reloadKeys()
        return true
    }

    private func closeOverdue(at now: Duration) {
        let overdue = limiter.closeOverdue(at: now, isDrained: isDrained) { [transport] in
            transport.receivedBytes(on: $0)
        }
        (lastOverdueCheck, isDrained) = (now, false)
        for (connection, violation) in overdue { close(connection, violation) }
    }

    // MARK: Connections

    /// Records an event about a client, unless clients cause too many (see ``RemarkLimiter``).
    func remark(_ text: String, _ event: ClusterEvent) {
        guard let omitted = remarks.admit(text, at: clock.now) else { return }
        if omitted > 0 { delegate?.record(.remarksOmitted(omitted)) }
        delegate?.record(event)
    }

    private func checkConnections() throws {
        lastConnectionCheck = clock.now
        var violations: [(Connection, ConnectionViolation)] = []
        var ended: [Connection] = []
        while let change = try transport.nextChange() {
            switch change {
            case .opened(let connection):
                if let (closing, reason) = limiter.open(connection, at: clock.now) {
                    violations.append((closing, reason))
                }
            case .closed(let connection):
                limiter.remove(connection)
                ended.append(connection)
            case .handshakeFailed:
                remark("handshake", .handshakeFailed(withKeys: keys != nil))
            }
        }
        for connection in ended {
            if let worker = peers.id(on: connection) { lose(worker, .connectionLost) }
        }
        for (connection, violation) in violations { close(connection, violation) }
    }

    func close(_ connection: Connection, _ violation: ConnectionViolation) {
        if let worker = peers.id(on: connection) {
            lose(worker, .exceeded(violation))
        } else {
            remark("\(violation)", .disconnected(violation))
        }
        close(connection)
    }

    func close(_ connection: Connection) {
        limiter.close(connection)
        transport.disconnect(connection)
    }

    /// Whether a connection is open.
    func isOpen(_ connection: Connection) -> Bool { limiter.isOpen(connection) }

    /// Records that a request of a worker was answered, so that it hardly counts as a flood.
    func refund(_ worker: WorkerID) {
        if let connection = peers[worker]?.connection { limiter.refund(connection) }
    }

    /// Records that a worker was asked for messages, which do not count as a flood.
    func expect(_ messages: Int, of worker: WorkerID) {
        if let connection = peers[worker]?.connection { limiter.expect(messages, on: connection) }
    }
}
