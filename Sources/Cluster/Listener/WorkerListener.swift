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
    /// The longest that messages may wait for a delegate that admits later.
    let limits: PeerLimits
    private let clock: MonotonicClock
    private let keys: KeyGuard?
    private var limiter: ConnectionLimiter
    /// Remarks on clients that were made already: a client that repeats itself causes one remark.
    private var remarks: Set<String> = []
    private var lastHeartbeat: Duration
    private var lastConnectionCheck: Duration

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
        (lastHeartbeat, lastConnectionCheck) = (clock.now, clock.now)
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

    private func answerStatus(_ message: ReceivedMessage, _ envelope: Envelope) throws {
        guard mayAsk(message.connection, userID: message.userID),
            let request = try WireMessage(envelope, message.frames).message as? StatusRequest,
            let answer = try delegate?.answer(request)
        else { return }
        try send(answer.frames(run: session.run, epoch: session.epoch), at: message.route)
    }

    /// Whether a client may introduce itself or ask for the status; closes its connection otherwise.
    ///
    /// The answer costs as much as reading 49 messages more, so that asking without end is a flood
    /// long before it delays workers.
    private func mayAsk(_ connection: Connection?, userID: String?) -> Bool {
        if let connection,
            case .close(let violation) = limiter.judge(
                connection, bytes: 0, price: 49, at: clock.now)
        {
            close(connection, violation)
            return false
        }
        guard mayJoin(userID) else {
            if let connection { close(connection) }
            return false
        }
        return true
    }

    /// Adds a client as a worker and welcomes it.
    ///
    /// - Parameters:
    ///   - welcome: the welcome except for the worker's number.
    ///   - assetBytes: bytes it may fetch before it is ready, its clouds not counted.
    func admit(_ hello: Hello, from caller: Caller, _ welcome: Welcome, assetBytes: Int) {
        let peer = peers.add(
            at: caller, name: hello.fullName, now: clock.now)
        // The teacher is requested in pieces of 1 MiB.
        expect(16 + assetBytes >> 20, of: peer.id)
        // Before the welcome is sent: if that fails, the worker is lost and must be known.
        delegate?.didAdmit(peer.id, hello)
        delegate?.record(
            .joined(
                peer.id, name: peer.name, threads: Int(hello.threads), blasCore: hello.blasCore))
        var welcome = welcome
        welcome.workerID = peer.id
        send(WireMessage(welcome), to: peer.id)
    }

    func lose(_ worker: WorkerID, _ reason: LossReason) {
        delegate?.didLose(worker, reason)
    }

    // MARK: Time

    /// Sends heartbeats, and closes connections that exceed a limit or whose keys were removed; returns whether a heartbeat was due.
    func tick() -> Bool {
        if keys?.isReloadRequested == true { reloadKeys() }
        let now = clock.now
        guard now - lastHeartbeat > timeout / 5 else { return false }
        lastHeartbeat = now
        // Sending to a worker whose connection has ended fails at once, long before its silence would
        // be noticed.
        send(WireMessage(HeartbeatReply()), to: peers.all.map(\.id))
        let overdue = limiter.closeOverdue(at: now) { [transport] in
            transport.receivedBytes(on: $0)
        }
        for (connection, violation) in overdue { close(connection, violation) }
        reloadKeys()
        return true
    }

    // MARK: Keys

    private func mayJoin(_ userID: String?) -> Bool { keys?.admits(userID) ?? true }

    private func reloadKeys() {
        guard let event = keys?.reload() else { return }
        delegate?.record(event)
        for peer in peers.all where !mayJoin(peer.userID) {
            lose(peer.id, .keyRevoked(peer.userID ?? ""))
            if let connection = peer.connection { close(connection) }
        }
    }

    // MARK: Connections

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
            }
        }
        for connection in ended {
            if let worker = peers.id(on: connection) { lose(worker, .connectionLost) }
        }
        for (connection, violation) in violations { close(connection, violation) }
    }

    private func close(_ connection: Connection, _ violation: ConnectionViolation) {
        if let worker = peers.id(on: connection) {
            lose(worker, .exceeded(violation))
        } else if isFirstRemark("\(violation)") {
            delegate?.record(.disconnected(violation))
        }
        close(connection)
    }

    private func close(_ connection: Connection) {
        limiter.close(connection)
        transport.disconnect(connection)
    }

    /// Whether a connection is open.
    func isOpen(_ connection: Connection) -> Bool { limiter.isOpen(connection) }

    /// Records that a worker was asked for messages, which do not count as a flood.
    func expect(_ messages: Int, of worker: WorkerID) {
        if let connection = peers[worker]?.connection { limiter.expect(messages, on: connection) }
    }

    // MARK: Clients that are not admitted

    /// Answers a client of another run or epoch, or one that was given up and is not dead, with a run
    /// or epoch other than its own, whereupon it connects anew.
    private func requestReconnection(_ route: Route, _ envelope: Envelope) {
        let isOfThisSession = (envelope.run, envelope.epoch) == session
        if isFirstRemark("\(envelope.run)/\(envelope.epoch)") {
            delegate?.record(.outdated(isOfThisRun: isOfThisSession))
        }
        // Without an answer, the client would wait for its heartbeat timeout.
        guard
            let frames = try? WireMessage(HeartbeatReply()).frames(
                run: isOfThisSession ? .none : session.run,
                epoch: isOfThisSession ? 0 : session.epoch)
        else { return }
        try? transport.send(frames, to: route)
    }

    /// Whether a remark on clients is made for the first time, and not too many were made.
    ///
    /// Clients choose the texts: without a bound they could fill the log and this set.
    private func isFirstRemark(_ text: String) -> Bool {
        remarks.count < 100 && remarks.insert(text).inserted
    }

    /// Answers a client that is not admitted with the reason.
    func reject(_ route: Route, _ reason: RejectionReason) {
        if isFirstRemark("\(reason)") { delegate?.record(.rejected(reason)) }
        // A reason may quote the client's own bytes; a sentence in a message has a limit.
        let refusal = WireMessage(Refusal(reason: String("\(reason)".prefix(1000))))
        try? send(refusal.frames(run: session.run, epoch: session.epoch), at: route)
    }
}
