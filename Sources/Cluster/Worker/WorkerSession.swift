import Distillation
import Foundation
import Messages
import Tensors
import Training
import ZeroMQ

/// One connection of a worker, or of a relay, to one life of a coordinator: it is welcomed, fetches what
/// it lacks, and then plies its ``SessionHandler``.
final class WorkerSession {
    enum End {
        /// The run is over.
        case over(String)
        /// The run is not over; its coordinator was asked to leave it.
        case dismissed(String)
        /// The run is not over; this worker was asked to leave it.
        case left(String)
        /// The coordinator fell silent or started anew.
        case lost(String, wasWelcomed: Bool)
    }

    /// What threads report.
    private enum News: Sendable {
        case prepared(Welcome, WorkerContext)
        case failure(String)
        /// Something to ask the coordinator for.
        case wish(Message)
    }

    private enum State {
        case calling
        case fetching(Welcome, TeacherDownload)
        case preparing
        case working
    }

    let settings: WorkerSettings
    private let endpoint: Endpoint
    private let pool: ComputePool
    private let numerics: Numerics.Fingerprint
    private let trade: any SessionHandler
    /// Wakes the session's thread.
    let waker: Waker
    private let inbox: Inbox<News>
    private let monitor: SocketMonitor
    private var socket: Socket
    private var state = State.calling
    /// Which life of which run it takes part in.
    private(set) var life = (run: RunID.none, epoch: UInt64(0))
    /// Who is silent for longer is given up.
    private(set) var timeout = Duration.seconds(5)
    private var lastHeard = ContinuousClock.now
    private var lastSpoken = ContinuousClock.now
    private var lastPulse = ContinuousClock.now
    private var progress: UInt64 = 0
    private var end: End?
    /// Brings scans, once there is a coordinator to ask.
    private var courier: SceneClient?

    init(
        _ settings: WorkerSettings, at endpoint: Endpoint, context: Context, pool: ComputePool,
        numerics: Numerics.Fingerprint, trade: any SessionHandler
    ) throws {
        self.trade = trade
        self.settings = settings
        self.endpoint = endpoint
        self.pool = pool
        self.numerics = numerics
        timeout = max(min(timeout, settings.patience), .milliseconds(100))
        waker = try Waker()
        inbox = Inbox { [waker] in waker.wake() }
        var options = SocketOptions(security: settings.security)
        options.linger = .milliseconds(200)
        socket = try Socket(.dealer, in: context, options: options)
        monitor = try SocketMonitor(of: socket)
        try socket.connect(to: endpoint)
    }

    func run() throws -> End {
        try say(WireMessage(.hello(hello)))
        defer { courier?.close("The connection to the coordinator is gone.") }
        var poller = Poller(waker: waker)
        _ = poller.add(socket)
        _ = poller.add(monitor.socket)
        trade.watch(with: &poller)
        while end == nil {
            _ = try poller.wait(upTo: timeout / 10)
            while end == nil, let message = try socket.receive() { try hear(message) }
            try watchConnection()
            for news in inbox.drain() where end == nil { try take(news) }
            if end == nil { try trade.turn(self) }
            try keepTime()
        }
        trade.close(end!)
        return end!
    }

    /// A connection that was cut will not be known to the coordinator when it stands again.
    private func watchConnection() throws {
        while let event = try monitor.next() {
            guard event.kind == .disconnected, wasWelcomed else { continue }
            // The last that was said may have come with its end.
            while end == nil, let message = try socket.receive() { try hear(message) }
            guard end == nil else { return }
            end = .lost("the connection to the coordinator is gone", wasWelcomed: true)
        }
    }

    private var hello: Hello {
        Hello(
            toolVersion: Version.current, name: settings.name, threads: UInt32(settings.threads),
            processID: UInt32(ProcessInfo.processInfo.processIdentifier),
            hostName: ProcessInfo.processInfo.hostName, blasCore: numerics.coreName,
            kernelWidth: UInt8(numerics.kernelWidth), canary: Digest(numerics.hash)!)
    }

    private var wasWelcomed: Bool {
        if case .calling = state { return false }
        return true
    }

    // MARK: Time

    private func keepTime() throws {
        let now = ContinuousClock.now
        if let reason = settings.stop.reason, end == nil {
            if wasWelcomed { try say(WireMessage(.goodbye(Goodbye(reason: reason)))) }
            end = .left("this worker was asked to leave (\(reason))")
            return
        }
        if now - lastHeard > timeout {
            let silence = wasWelcomed ? "the coordinator fell silent" : "nobody answers"
            end = .lost("\(silence) at \(endpoint)", wasWelcomed: wasWelcomed)
            return
        }
        if wasWelcomed, now - lastSpoken > timeout / 5 { try beat() }
        if lastHeard > lastPulse, now - lastPulse > timeout / 5 {
            lastPulse = now
            settings.pulse()
        }
    }

    /// Says that it is there, and how many micro-shards can be computed at once.
    func beat() throws {
        let strength = trade.strength
        let phase: WorkerPhase =
            strength.workers == 0 ? .preparing : trade.isSpare ? .spare : .ready
        progress += 1
        try say(
            WireMessage(
                .heartbeat(
                    Heartbeat(
                        progress: progress,
                        phase: phase.rawValue,
                        threads: UInt32(clamping: max(strength.threads, 1)),
                        workers: UInt32(clamping: max(strength.workers, 1))))))
    }

    func say(_ parcel: WireMessage) throws {
        lastSpoken = .now
        do {
            try socket.send(try parcel.frames(run: life.run, epoch: life.epoch))
        } catch let error as SocketError where error.kind == .wouldBlock {
            // The queue is full because nobody takes from it: the coordinator is gone.
            end = .lost("the coordinator takes no messages", wasWelcomed: wasWelcomed)
        }
    }

    // MARK: What the coordinator says

    private func hear(_ multipart: Multipart) throws {
        let parcel: WireMessage
        do {
            let frames = multipart.frames[...]
            let envelope = try WireMessage.envelope(of: frames)
            if wasWelcomed, (envelope.run, envelope.epoch) != life {
                // A coordinator that was started anew; it will not know this worker.
                end = .lost("the coordinator has started anew", wasWelcomed: true)
                return
            }
            parcel = try WireMessage(envelope, frames)
            if case .welcome = parcel.message {
                life = (envelope.run, envelope.epoch)
            }
        } catch {
            throw WorkerError("\(endpoint) cannot be understood: \(error)")
        }
        lastHeard = .now
        switch parcel.message {
        case .welcome(let welcome): try beWelcomed(welcome)
        case .refusal(let refusal):
            throw WorkerError("The coordinator refuses this worker: \(refusal.reason)")
        case .stop(let stop): end = .over(stop.reason)
        case .goodbye(let goodbye):
            end = .dismissed(
                "the coordinator was asked to stop (\(goodbye.reason)); it can be resumed")
        case .assetPart(let part): try take(part, parcel.payloads[0])
        case .sceneOffer(let offer): courier?.take(offer)
        case .heartbeatReply: break
        default: try work(parcel)
        }
    }

    private func beWelcomed(_ welcome: Welcome) throws {
        guard case .calling = state else { return }
        timeout = .milliseconds(Int64(welcome.heartbeatTimeoutMilliseconds))
        settings.log("welcomed as worker \(welcome.workerID) of run \(life.run)")
        if let digest = welcome.teacherDigest {
            let download = TeacherDownload(digest, cache: settings.cache)
            if !download.isCached {
                state = .fetching(welcome, download)
                for request in download.firstRequests() {
                    try say(WireMessage(.assetRequest(request)))
                }
                return
            }
        }
        prepare(welcome)
        try beat()
    }

    private func take(_ part: AssetPart, _ payload: Frame) throws {
        guard case .fetching(let welcome, let download) = state else {
            courier?.take(part, payload)
            return
        }
        if let next = try download.take(part, payload) { try say(WireMessage(.assetRequest(next))) }
        if download.isComplete {
            try download.store()
            settings.log("fetched the teacher, \(download.size >> 20) MiB")
            prepare(welcome)
        }
    }

    /// Opens the data and builds the networks on a thread: heartbeats go on meanwhile.
    private func prepare(_ welcome: Welcome) {
        state = .preparing
        let courier = SceneClient(
            keepingIn: settings.cache + "/scans", limit: settings.cacheLimit,
            patience: timeout * 24, note: settings.log
        ) { [inbox] in inbox.post(.wish($0)) }
        self.courier = courier
        pool.submit { [inbox, settings, numerics] in
            do {
                inbox.post(
                    .prepared(
                        welcome,
                        try WorkerContext(
                            welcome, cache: settings.cache, courier: courier,
                            streams: settings.streams, numerics: numerics, note: settings.log)))
            } catch {
                inbox.post(.failure("\(error)"))
            }
        }
    }

    private func work(_ parcel: WireMessage) throws {
        if case .working = state { try trade.hear(parcel, self) }
    }

    // MARK: What the threads and the trade say

    private func take(_ news: News) throws {
        switch news {
        case .prepared(let welcome, let context):
            state = .working
            try trade.open(welcome, context, self)
            try beat()
        case .failure(let reason): try giveUp(reason)
        case .wish(let message): try say(WireMessage(message))
        }
    }

    /// Tells the coordinator that this worker cannot do what it was given, and throws the reason.
    func giveUp(_ reason: String) throws {
        try say(WireMessage(.stop(Stop(reason: String(reason.prefix(1000))))))
        throw WorkerError(reason)
    }

    /// Ends the connection, to call again later.
    func leave(_ reason: String) throws {
        try say(WireMessage(.goodbye(Goodbye(reason: reason))))
        end = .lost(reason, wasWelcomed: true)
    }
}

/// What a worker says of itself in a heartbeat.
package enum WorkerPhase: UInt8 {
    /// It fetches the teacher or opens the data.
    case preparing
    /// It takes leases.
    case ready
    /// It would take leases, once somebody is lost.
    case spare
}
