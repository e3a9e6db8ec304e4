import Messages
import Training
package import ZeroMQ

/// Whom a ``WorkerListener`` works for: a coordinator, or a relay that stands for one.
protocol WorkerListenerDelegate: AnyObject {
    /// Somebody that may take part says hello.
    func meet(_ hello: Hello, from caller: WorkerListener.Caller)
    /// A worker that was admitted says something.
    func take(_ parcel: WireMessage, from worker: WorkerID)
    /// A worker is lost, for this reason: the host takes it off the list of peers.
    func lose(_ worker: WorkerID, _ reason: LossReason)
    /// What is answered to whoever asks how the run is doing.
    func answer(_ request: StatusRequest) throws -> WireMessage
    /// Something that a person wants to read.
    func note(_ line: String)
    /// A worker was admitted or removed.
    func note(_ event: MembershipEvent)
}

/// How those who call are received.
package struct ListenerSettings: Sendable {
    /// Where it listens; port `*` takes any free one.
    package var endpoint: Endpoint
    /// Its keys and those of the workers that may join; nil for none.
    package var keys: (own: CurveKeyPair, workers: AllowList)?
    /// The folder those keys come from, looked at while the run goes on; nil: they stay as they are.
    package var keyFolder: KeyFolder?
    /// How much is taken from peers before they are hung up on.
    package var limits = PeerLimits()
    /// Whether others than this machine may connect although there are no keys.
    package var insecure: Bool

    /// Settings of a door at which workers knock.
    package init(
        endpoint: Endpoint, keys: (own: CurveKeyPair, workers: AllowList)? = nil,
        insecure: Bool = false
    ) {
        self.endpoint = endpoint
        self.keys = keys
        self.insecure = insecure
    }
}

/// The side of a coordinator, or of a relay, that workers see: who knocks, who is let in, who is
/// heard and who has gone.
///
/// What admitted workers say it passes on to its ``WorkerListenerDelegate``; what concerns keys, limits and
/// strangers it settles itself. One thread uses it.
final class WorkerListener {
    /// Where somebody can be answered who is not admitted yet.
    struct Caller {
        let route: Frame
        let connection: Connection?
        /// Who the ZAP handler says it is.
        let userID: String?
    }

    let settings: ListenerSettings
    /// Who is silent for longer is taken for dead.
    var timeout: Duration { didSet { door.heartbeatTimeout = timeout } }
    /// Which life of which run those who are let in take part in.
    var life = (run: RunID.none, epoch: UInt64(0))
    weak var host: (any WorkerListenerDelegate)?
    private let authenticator: Authenticator?
    private(set) var door: ConnectionMonitor
    private(set) var socket: Socket
    var peers = Peers()
    private var strangers: Set<String> = []
    /// What its connections have carried.
    var traffic = Traffic()
    /// Where it listens.
    let endpoint: Endpoint
    private let start: ContinuousClock.Instant
    private var lastBeat = ContinuousClock.now
    private var lastLook = ContinuousClock.now
    private var complaint: Complaint?

    /// Listens; nobody is heard before there is a host.
    init(
        _ settings: ListenerSettings, heartbeatTimeout: Duration, in context: Context,
        start: ContinuousClock.Instant = .now
    ) throws {
        self.settings = settings
        self.start = start
        timeout = heartbeatTimeout
        authenticator = try settings.keys.map {
            try Authenticator(in: context, allowList: $0.workers)
        }
        var options = SocketOptions()
        if let keys = settings.keys, let authenticator {
            options.security = .curveServer(keys.own, authenticator)
        }
        options.linger = .seconds(2)
        options.handshakeTimeout = max(heartbeatTimeout, .seconds(1))
        // A worker that is ahead of its coordinator waits; its messages are not piled up here.
        options.receiveHighWaterMark = 64
        socket = try Socket(.router, in: context, options: options)
        door = try ConnectionMonitor(
            of: socket, settings.limits, heartbeatTimeout: heartbeatTimeout)
        endpoint = try socket.bind(to: settings.endpoint, insecure: settings.insecure)
    }

    /// Time since it began.
    var now: Duration { ContinuousClock.now - start }

    // MARK: What is heard

    /// Hears whatever has arrived, for a fortieth of the timeout at the most: however much arrives,
    /// time is kept.
    func listen(while isWanted: () -> Bool) throws {
        let pause = ContinuousClock.now + timeout / 40
        var isAllHeard = false
        while isWanted(), !isAllHeard, ContinuousClock.now < pause {
            guard let message = try socket.receive() else {
                isAllHeard = true
                continue
            }
            try hear(message)
        }
        // After what those who have gone said last, unless others talk without end.
        if isAllHeard || ContinuousClock.now - lastLook > timeout / 10 { try watchDoor() }
    }

    private func hear(_ multipart: Multipart) throws {
        guard let route = multipart.frames.first else { return }
        let size = multipart.frames.reduce(0) { $0 + $1.count }
        traffic.messages.up += 1
        traffic.bytes.up += size
        if let connection = multipart.connection {
            if !door.isKnown(connection) { try watchDoor() }
            // What the wire adds to a frame, encrypted or not, is less than 64 bytes.
            let wire = size + 64 * multipart.frames.count
            switch door.hear(connection, bytes: wire, at: now) {
            case .take: break
            case .ignore: return
            case .cut(let reason): return meet(.cut(connection, reason))
            }
        }
        let frames = multipart.frames.dropFirst()
        do {
            let envelope = try WireMessage.envelope(of: frames)
            if envelope.kind == StatusRequest.kind {
                return try tellStatus(at: route, to: multipart)
            }
            if envelope.kind == Hello.kind {
                // The connection may be new under the number of one that is gone.
                try watchDoor()
                guard let hello = try WireMessage(envelope, frames).message as? Hello else {
                    return
                }
                return meet(
                    hello,
                    from: Caller(
                        route: route, connection: multipart.connection, userID: multipart.userID))
            }
            guard let worker = peers.id(at: route), (envelope.run, envelope.epoch) == life
            else { return turnAway(route, envelope) }
            guard let peer = peers[worker], peer.userID == multipart.userID else {
                return lose(worker, .keyChanged)
            }
            let now = ContinuousClock.now
            if peer.isReady {
                traffic.hear(
                    after: now - peer.lastHeard, heartbeatTimeout: timeout)
            }
            peers[worker]?.lastHeard = now
            host?.take(try WireMessage(envelope, frames), from: worker)
        } catch {
            if let worker = peers.id(at: route) {
                lose(worker, .malformedMessage("\(error)"))
            } else {
                refuse(route, "\(error)")
            }
        }
    }

    private func meet(_ hello: Hello, from caller: Caller) {
        if let event = door.charge(caller.connection, at: now) { return meet(event) }
        guard mayStay(caller.userID) else {
            if let connection = caller.connection { door.hangUp(on: connection) }
            return
        }
        if let known = peers.id(at: caller.route) { lose(known, .reconnected) }
        host?.meet(hello, from: caller)
    }

    /// Takes a caller as a worker.
    ///
    /// - Parameters:
    ///   - welcome: what it is told, but for its number.
    ///   - assetBytes: how much it may ask for before it is ready, its clouds not counted.
    func admit(_ hello: Hello, from caller: Caller, _ welcome: Welcome, assetBytes: Int) {
        let peer = peers.admit(
            at: caller.route, on: caller.connection, name: hello.fullName,
            threads: Int(hello.threads), userID: caller.userID)
        door.ask(peer.connection, for: 16 + assetBytes >> 20)
        host?.note(
            .joined(
                peer.id, name: peer.name, threads: Int(hello.threads), blasCore: hello.blasCore))
        var welcome = welcome
        welcome.workerID = peer.id
        say(WireMessage(welcome), to: peer.id)
    }

    private func lose(_ worker: WorkerID, _ reason: LossReason) { host?.lose(worker, reason) }

    private func note(_ line: String) { host?.note(line) }

    // MARK: Time

    /// Sees to those who are silent, to keys and to heartbeats; whether it is time for a beat.
    func keepTime() -> Bool {
        if settings.keyFolder?.isAsked == true { watchKeys() }
        guard ContinuousClock.now - lastBeat > timeout / 5 else { return false }
        lastBeat = .now
        // A worker that has gone is found out here, long before its silence would tell.
        say(WireMessage(HeartbeatReply()), to: peers.all.map(\.id))
        for peer in peers.all {
            if !peer.isReady, lastBeat - peer.lastHeard > timeout {
                lose(peer.id, .silent(timeout))
            }
        }
        for event in door.overdue(at: now) { meet(event) }
        watchKeys()
        return true
    }

    // MARK: Keys

    /// Lets in whose key was added, and cuts off whose key was taken away.
    private func watchKeys() {
        guard let folder = settings.keyFolder, let authenticator else { return }
        do {
            guard let keys = try folder.change() else { return }
            authenticator.replace(allowList: keys)
            note("the keys in \(folder.path) have changed: \(keys.count) may join now")
            for peer in peers.all where !mayStay(peer.userID) { turnOut(peer) }
        } catch {
            note("\(error) The keys that were read before stay in force.")
        }
    }

    /// Whether whoever has this key may take part at this moment.
    private func mayStay(_ userID: String?) -> Bool {
        guard let authenticator else { return true }
        return userID.map { authenticator.name(ofUserID: $0) != nil } ?? false
    }

    private func turnOut(_ peer: Peers.Peer) {
        lose(peer.id, .keyRevoked(peer.userID ?? ""))
        if let connection = peer.connection { door.hangUp(on: connection) }
    }

    // MARK: Onlookers

    /// Tells whoever may connect how the run is; asking again and again is paid for like calling.
    private func tellStatus(at route: Frame, to asker: borrowing Multipart) throws {
        if let event = door.charge(asker.connection, at: now) { return meet(event) }
        guard mayStay(asker.userID) else {
            if let connection = asker.connection { door.hangUp(on: connection) }
            return
        }
        let frames = asker.frames.dropFirst()
        guard
            let request = try WireMessage(WireMessage.envelope(of: frames), frames).message
                as? StatusRequest, let answer = try host?.answer(request)
        else { return }
        try send(answer.frames(run: life.run, epoch: life.epoch), at: route)
    }

    // MARK: The door

    private func watchDoor() throws {
        lastLook = .now
        for event in try door.look(at: now) { meet(event) }
    }

    private func meet(_ event: ConnectionMonitor.Event) {
        switch event {
        case .gone(let connection):
            if let worker = peers.id(on: connection) { lose(worker, .connectionLost) }
        case .cut(let connection, let reason):
            if let worker = peers.id(on: connection) {
                lose(worker, .exceeded(reason))
            } else if isNew("\(reason)") {
                note("a stranger is hung up on: \(reason)")
            }
            door.hangUp(on: connection)
        }
    }

    /// Whether a connection stands, and was not cut.
    func isThere(_ connection: Connection) -> Bool { door.isKnown(connection) }

    // MARK: Strangers

    /// Answers whoever speaks for another run, for a life of this run that is over, or was taken for
    /// dead and is not: what it hears is of another run or life than its own, and it calls anew.
    private func turnAway(_ route: Frame, _ envelope: Envelope) {
        let isOurs = (envelope.run, envelope.epoch) == life
        if isNew("\(envelope.run)/\(envelope.epoch)") {
            let who =
                isOurs
                ? "a worker that was taken for dead"
                : "a worker of another run or an earlier coordinator"
            note("\(who) is told to call anew")
        }
        let reply = WireMessage(HeartbeatReply())
        guard
            let frames = try? reply.frames(
                run: isOurs ? .none : life.run, epoch: isOurs ? 0 : life.epoch)
        else { return }
        try? socket.send(frames, to: route)
    }

    /// Whether this is said of strangers for the first time, and not too much has been said of them.
    private func isNew(_ said: String) -> Bool {
        strangers.count < 100 && strangers.insert(said).inserted
    }

    func refuse(_ route: Frame, _ reason: String) {
        if isNew(reason) {
            note("refused: \(reason)")
        }
        let refusal = WireMessage(Refusal(reason: String(reason.prefix(1000))))
        try? send(refusal.frames(run: life.run, epoch: life.epoch), at: route)
    }

    /// What a heartbeat says to a machine: a worker is ready, or has another number of others behind
    /// it than before; or just that it was heard.
    func event(of beat: Heartbeat, from worker: WorkerID) -> CoordinatorMachine.Event {
        let (threads, count) = (Int(beat.threads), Int(beat.workers))
        let isSpare = beat.phase == WorkerPhase.spare.rawValue
        guard beat.phase >= WorkerPhase.ready.rawValue, let peer = peers[worker],
            !peer.isReady
                || (peer.threads, peer.workers, peer.isSpare) != (threads, count, isSpare)
        else { return .heard(worker) }
        peers[worker]?.isReady = true
        peers[worker]?.isSpare = isSpare
        peers[worker]?.threads = threads
        peers[worker]?.workers = count
        return .ready(worker, threads: threads, workers: count, isSpare: isSpare)
    }

    // MARK: Complaints

    /// Who said last that a step cannot be done.
    private struct Complaint: Equatable {
        let step: Int
        let userID: String
    }

    /// Whether a worker that complains of a step did so before: whoever has the same key is the same.
    func complainsAgain(_ worker: Peers.Peer, of step: Int) -> Bool {
        let said = worker.userID.map { Complaint(step: step, userID: $0) }
        defer { complaint = said }
        return said != nil && said == complaint
    }

    // MARK: What is said

    /// Carries out what a coordinator and a relay do alike; their weights they send themselves.
    func carryOut(_ action: CoordinatorMachine.Action, _ shape: StepShape) {
        switch action {
        case .lease(let worker, let lease):
            let results = lease.nodes.count * (shape.buckets + 1)
            door.ask(
                peers[worker]?.connection,
                for: results + lease.shards.count * shape.exchanges)
            say(WireMessage(Messages.Lease(lease)), to: worker)
        case .totals(let workers, let step, let round, let totals):
            say(WireMessage.totals(step: step, round: round, totals), to: workers)
        case .evaluate(let worker, let version, let samples):
            door.ask(peers[worker]?.connection, for: samples.count)
            say(
                WireMessage(
                    EvaluationLease(
                        weightsVersion: UInt64(version),
                        samples: samples.map(UInt64.init))),
                to: worker)
        case .contradicted(let step, let node, let first, let second):
            let shards = node.shards(of: shape.shards)
            let names = [first, second].map { peers[$0]?.name ?? "worker \($0)" }
            note(
                "step \(step + 1): \(names[0]) and \(names[1]) have different gradients for "
                    + "micro-shards \(shards.lowerBound) to \(shards.upperBound - 1): one of these "
                    + "machines computes wrongly; test their memory and processors. What came "
                    + "first counts.")
        case .dismissed(let worker, let reason, let reissued):
            guard let peer = peers.remove(worker) else { break }
            host?.note(.lost(worker, name: peer.name, reason: reason, reissued: reissued))
        case .apply, .stepComplete, .validated, .finished, .failed: break
        }
    }

    /// Answers a request for a file, or for a scan; to ask for it was right.
    func offer(_ parcel: WireMessage, to worker: WorkerID) {
        door.ask(peers[worker]?.connection, for: 1)
        say(parcel, to: worker)
    }

    /// Sends workers a message, whose frames they share.
    func say(_ parcel: WireMessage, to workers: [WorkerID]) {
        guard !workers.isEmpty else { return }
        let frames: [Frame]
        do {
            frames = try parcel.frames(run: life.run, epoch: life.epoch)
        } catch {
            for worker in workers { lose(worker, .unsendable("\(error)")) }
            return
        }
        for worker in workers {
            guard let peer = peers[worker] else { continue }
            do {
                try send(frames, at: peer.route)
            } catch let error as SocketError where error.kind == .unroutable {
                lose(worker, .connectionLost)
            } catch let error as SocketError where error.kind == .wouldBlock {
                lose(worker, .notReceiving)
            } catch {
                lose(worker, .unsendable("\(error)"))
            }
        }
    }

    /// Sends a worker a message.
    func say(_ parcel: WireMessage, to worker: WorkerID) { say(parcel, to: [worker]) }

    /// Sends frames to whoever is at the other end of a connection.
    private func send(_ frames: [Frame], at route: Frame) throws {
        traffic.messages.down += 1
        traffic.bytes.down += frames.reduce(0) { $0 + $1.count }
        try socket.send(frames, to: route)
    }
}
