package import ZeroMQ

/// Address, keys and limits of a ``WorkerListener``.
package struct ListenerSettings: Sendable {
    /// The address it listens at; port `*` takes any free one.
    package var endpoint: Endpoint
    /// Its keys and those of the workers that may join; nil for none.
    package var keys: (own: CurveKeyPair, workers: AllowList)?
    /// The folder those keys come from, read again while the run continues; nil if they never change.
    package var keyFolder: KeyFolder?
    /// The file of its own key, read again while the run continues; nil if it never changes.
    package var ownKey: OwnKeyFile?
    /// The limits beyond which connections are closed.
    package var limits = PeerLimits()
    /// Whether other machines may connect although there are no keys.
    package var insecure: Bool

    /// Settings of a listener.
    package init(
        endpoint: Endpoint, keys: (own: CurveKeyPair, workers: AllowList)? = nil,
        insecure: Bool = false
    ) {
        self.endpoint = endpoint
        self.keys = keys
        self.insecure = insecure
    }
}

/// Limits beyond which a listener closes connections.
///
/// libzmq enforces others, which the socket's options state: the longest frame, the most frames of
/// a message, and the longest handshake.
package struct PeerLimits: Sendable {
    /// Open connections.
    package var connections: Int
    /// Open connections that have sent nothing; beyond them the oldest is closed.
    package var unspoken: Int
    /// Messages of one connection, within a heartbeat timeout, that were not asked for.
    package var unasked: Int
    /// Bytes received over a connection that have not become a message, whatever the run's longest
    /// message is.
    package var unfinishedBytes: Int
    /// Messages of a connection that wait to be handled; the transport reads no more.
    package let queuedMessages = 64
    /// Bytes sent to a worker, besides weights, that it has not taken.
    package var outstandingBytes: Int
    /// Heartbeat timeouts for which a worker that sent unusable results, or none, receives no work when
    /// it connects anew.
    package var probation: Int
    /// Introductions and status requests by one key, or by all clients without keys.
    package var admissions: Int
    /// Requests of a worker whose answers are being prepared.
    package var pendingRequests: Int

    /// Limits for so many open files: half of them may be connections, and an eighth of those may
    /// have sent nothing.
    package init(files: Int = OpenFiles.limit) {
        connections = max(16, files / 2)
        unspoken = max(16, files / 16)
        unasked = 1000
        unfinishedBytes = 1 << 30
        // A worker fetches at most 4 files of 8 pieces at once, and the teacher in 8 pieces of 1 MiB.
        outstandingBytes = 64 << 20
        pendingRequests = 64
        probation = 20
        // A fleet of thousands may share a key and restart at once.
        admissions = min(connections, 10_000)
    }
}

extension WorkerListener {
    /// A listener over ZeroMQ.
    convenience init(
        _ settings: ListenerSettings, heartbeatTimeout: Duration, in context: Context,
        clock: MonotonicClock
    ) throws {
        let rejections = KeyRejections()
        let authenticator = try settings.keys.map {
            try Authenticator(in: context, allowList: $0.workers) { rejections.add($0) }
        }
        var security = Security.none
        if let keys = settings.keys, let authenticator {
            security = .curveServer(keys.own, authenticator)
        }
        self.init(
            over: try RouterTransport(
                at: settings.endpoint, security: security,
                queuedMessages: settings.limits.queuedMessages,
                // Heartbeat timeouts of tests are shorter than a handshake may take.
                handshakeTimeout: max(heartbeatTimeout, .seconds(1)),
                insecure: settings.insecure, in: context),
            limits: settings.limits,
            keys: authenticator.map {
                KeyGuard(
                    $0, folder: settings.keyFolder, ownKey: settings.ownKey, rejections: rejections)
            },
            heartbeatTimeout: heartbeatTimeout, clock: clock)
    }
}
