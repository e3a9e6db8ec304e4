import Foundation
import Messages
package import Tensors
import ZeroMQ

/// A worker's or relay's connection to one epoch of a coordinator.
///
/// The session greets the coordinator, fetches the teacher's weights if the machine lacks them, sends
/// heartbeats, and passes all messages about work to its ``SessionHandler``. It never blocks: a driver
/// calls ``turn()`` whenever something may have arrived, and several times per ``timeout`` otherwise.
/// One thread uses it.
package final class WorkerSession {
    /// The end of a session.
    package enum End: Sendable, Equatable {
        /// The run is over.
        case over(String)
        /// The coordinator was asked to stop; the run is not over.
        case dismissed(String)
        /// This worker was asked to leave; the run is not over.
        case left(String)
        /// The coordinator is silent, unreachable or was restarted.
        case lost(String, wasWelcomed: Bool)
    }

    private enum State {
        case calling
        case fetching(Welcome, TeacherDownload)
        case open
    }

    /// The settings of the worker.
    let settings: WorkerSettings
    /// Makes the driver call ``turn()`` soon; any thread may use it.
    let wake: @Sendable () -> Void
    private let coordinator: String
    private let transport: any ClientTransport
    private let clock: MonotonicClock
    private let numerics: Numerics.Fingerprint
    private let handler: any SessionHandler
    /// Requests for scans, posted by the threads that need them.
    private let requests: Inbox<any Message>
    private var state = State.calling
    /// The run and the coordinator's epoch, once welcomed; every message carries them.
    private(set) var identity = (run: RunID.none, epoch: UInt64(0))
    /// The longest silence of the coordinator that the session accepts.
    package private(set) var timeout = Duration.seconds(5)
    private var lastReceived: Duration
    private var lastSent: Duration
    private var lastPulse: Duration
    /// The reason why the session has ended; nil while it lasts.
    package private(set) var end: End?
    /// Fetches scans, once there is a coordinator to ask.
    private var scenes: SceneClient?

    /// A session that has sent nothing yet.
    ///
    /// - Parameters:
    ///   - coordinator: the coordinator's address in messages.
    ///   - numerics: the fingerprint of this machine's arithmetic, which the coordinator compares.
    ///   - wake: makes the driver call ``turn()`` soon; called by any thread.
    package init(
        _ settings: WorkerSettings, with coordinator: String, over transport: any ClientTransport,
        clock: MonotonicClock, numerics: Numerics.Fingerprint, handler: any SessionHandler,
        wake: @escaping @Sendable () -> Void = {}
    ) {
        self.settings = settings
        self.coordinator = coordinator
        self.transport = transport
        self.clock = clock
        self.numerics = numerics
        self.handler = handler
        self.wake = wake
        requests = Inbox(wake: wake)
        // The coordinator's timeout is unknown before its welcome. A worker that accepts only a short
        // absence must not wait longer than that for the first answer.
        timeout = max(min(timeout, settings.timeout), .milliseconds(100))
        let now = clock.now
        (lastReceived, lastSent, lastPulse) = (now, now, now)
    }

    /// Sends the greeting.
    package func start() throws { try send(WireMessage(hello)) }

    /// Handles everything that has arrived and sends everything that is due.
    ///
    /// Throws ``WorkerError`` if the worker cannot take part in the run.
    package func turn() throws {
        guard end == nil else { return }
        try receiveAll()
        try checkConnection()
        for request in requests.drain() where end == nil { try send(WireMessage(request)) }
        if end == nil { try handler.turn(self) }
        try keepTime()
    }

    /// Releases what the session holds; threads that wait for scans receive an error.
    package func close() {
        if let end { handler.close(end) }
        scenes?.close("The connection to the coordinator is gone.")
    }

    private var hello: Hello {
        Hello(
            toolVersion: Version.current, name: settings.name, threads: UInt32(settings.threads),
            hostName: ProcessInfo.processInfo.hostName, blasCore: numerics.coreName,
            canary: Digest(numerics.hash)!)
    }

    private var wasWelcomed: Bool {
        if case .calling = state { return false }
        return true
    }

    // MARK: Time

    private func checkConnection() throws {
        guard try transport.hasDisconnected(), wasWelcomed, end == nil else { return }
        // A last message may have arrived together with the connection's end: the reason why the
        // coordinator stopped, for one.
        try receiveAll()
        guard end == nil else { return }
        // The transport connects again by itself, but the coordinator removes a worker whose
        // connection was cut and would not know this one.
        end = .lost("the connection to the coordinator is gone", wasWelcomed: true)
    }

    private func keepTime() throws {
        guard end == nil else { return }
        let now = clock.now
        if let reason = settings.stop.reason {
            if wasWelcomed { try send(WireMessage(Goodbye(reason: reason))) }
            end = .left("this worker was asked to leave (\(reason))")
            return
        }
        if now - lastReceived > timeout {
            let silence = wasWelcomed ? "the coordinator is silent" : "there is no answer"
            end = .lost("\(silence) at \(coordinator)", wasWelcomed: wasWelcomed)
            return
        }
        // Five heartbeats per timeout: the coordinator gives no worker up for a late or lost one.
        if wasWelcomed, now - lastSent > timeout / 5 { try sendHeartbeat() }
        if lastReceived > lastPulse, now - lastPulse > timeout / 5 {
            lastPulse = now
            settings.pulse()
        }
    }

    // MARK: Sending

    /// Sends a heartbeat with the handler's capacity and progress.
    func sendHeartbeat() throws {
        let capacity = handler.capacity
        let phase: WorkerPhase =
            capacity.workers == 0 ? .preparing : handler.isStandby ? .standby : .ready
        try send(
            WireMessage(
                Heartbeat(
                    progress: handler.progress, phase: phase.rawValue,
                    threads: UInt32(clamping: max(capacity.threads, 1)),
                    workers: UInt32(clamping: max(capacity.workers, 1)))))
    }

    /// Sends a message to the coordinator; a lost connection ends the session.
    func send(_ message: WireMessage) throws {
        lastSent = clock.now
        do {
            try transport.send(try message.frames(run: identity.run, epoch: identity.epoch))
        } catch TransportError.queueFull {
            // Nothing takes messages from the queue: the coordinator is gone.
            end = .lost("the coordinator takes no messages", wasWelcomed: wasWelcomed)
        } catch TransportError.unreachable {
            end = .lost("the connection to the coordinator is gone", wasWelcomed: wasWelcomed)
        }
    }

    /// Tells the coordinator that this worker cannot do its work, and throws the reason.
    func fail(_ reason: String, isDivergence: Bool = false) throws {
        try send(WireMessage(WorkFailure(reason: reason, isDivergence: isDivergence)))
        throw WorkerError(reason)
    }

    /// Ends the session; the worker calls again later.
    func leave(_ reason: String) throws {
        try send(WireMessage(Goodbye(reason: reason)))
        end = .lost(reason, wasWelcomed: true)
    }

    // MARK: Receiving

    private func receiveAll() throws {
        while end == nil, let frames = try transport.receive() { try receive(frames[...]) }
    }

    private func receive(_ frames: ArraySlice<Frame>) throws {
        let message: WireMessage
        do {
            let envelope = try WireMessage.envelope(of: frames)
            if wasWelcomed, (envelope.run, envelope.epoch) != identity {
                // A restarted coordinator does not know this worker.
                end = .lost("the coordinator was restarted", wasWelcomed: true)
                return
            }
            message = try WireMessage(envelope, frames)
            if message.message is Welcome { identity = (envelope.run, envelope.epoch) }
        } catch {
            throw WorkerError("\(coordinator) sent a message that cannot be read: \(error)")
        }
        lastReceived = clock.now
        switch message.message {
        case let welcome as Welcome: try didReceiveWelcome(welcome)
        case let refusal as Refusal:
            throw WorkerError("The coordinator rejected this worker: \(refusal.reason)")
        case let stop as Stop: end = .over(stop.reason)
        case let goodbye as Goodbye:
            end = .dismissed(
                "the coordinator was asked to stop (\(goodbye.reason)); it can be resumed")
        case let part as AssetPart: try didReceivePart(part, message.payloads[0])
        case let offer as SceneOffer: scenes?.receive(offer)
        case is HeartbeatReply: break
        default: if case .open = state { try handler.receive(message, self) }
        }
    }

    private func didReceiveWelcome(_ welcome: Welcome) throws {
        guard case .calling = state else { return }
        timeout = .milliseconds(Int64(welcome.heartbeatTimeoutMilliseconds))
        settings.log("welcomed as worker \(welcome.workerID) of run \(identity.run)")
        if let digest = welcome.teacherDigest {
            let download = TeacherDownload(digest, cache: settings.cache)
            if !download.isCached {
                state = .fetching(welcome, download)
                for request in download.firstRequests() {
                    try send(WireMessage(request))
                }
                return
            }
        }
        try open(welcome)
        try sendHeartbeat()
    }

    private func didReceivePart(_ part: AssetPart, _ payload: Frame) throws {
        guard case .fetching(let welcome, let download) = state else {
            scenes?.receive(part, payload)
            return
        }
        if let next = try download.receive(part, payload) {
            try send(WireMessage(next))
        }
        if download.isComplete {
            try download.store()
            settings.log("fetched the teacher, \(download.size >> 20) MiB")
            try open(welcome)
        }
    }

    /// The part of the cache that the teachers leave to scans, bytes.
    private func scanLimit(_ welcome: Welcome) -> Int {
        guard let digest = welcome.teacherDigest else { return settings.cacheLimit }
        let used = TeacherCache(settings.cache)
            .makeRoom(keeping: digest, limit: settings.cacheLimit)
        return max(settings.cacheLimit - used, 0)
    }

    private func open(_ welcome: Welcome) throws {
        state = .open
        let scenes = SceneClient(
            keepingIn: settings.cache + "/scans", limit: scanLimit(welcome),
            timeout: timeout * 24, note: settings.log
        ) { [requests] in requests.post($0) }
        self.scenes = scenes
        try handler.open(welcome, scenes: scenes, self)
    }
}

/// The phase of a worker in its heartbeats.
package enum WorkerPhase: UInt8 {
    /// It fetches the teacher or opens the data.
    case preparing
    /// It takes leases.
    case ready
    /// It takes leases once another worker is lost.
    case standby
}
