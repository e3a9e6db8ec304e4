import Synchronization
import ZeroMQ

/// Decides which keys may join, and follows changes of the files that hold them.
final class KeyGuard {
    private let authenticator: Authenticator
    private let rejections: KeyRejections
    private let folder: KeyFolder?
    private let ownKey: OwnKeyFile?

    /// A guard over an authenticator's keys.
    ///
    /// - Parameters:
    ///   - folder: the folder that lists them; nil if they never change.
    ///   - ownKey: the file of the listener's own key; nil if it never changes.
    ///   - rejections: the authenticator's rejections.
    init(
        _ authenticator: Authenticator, folder: KeyFolder?, ownKey: OwnKeyFile? = nil,
        rejections: KeyRejections = KeyRejections()
    ) {
        self.authenticator = authenticator
        self.folder = folder
        self.ownKey = ownKey
        self.rejections = rejections
    }

    /// Whether the owner of a key may take part now.
    func admits(_ userID: String?) -> Bool {
        name(of: userID) != nil
    }

    /// The name under which a key is listed; nil if it may not take part.
    func name(of userID: String?) -> String? {
        userID.flatMap { authenticator.name(ofUserID: $0) }
    }

    /// Whether the files must be read at once.
    var isReloadRequested: Bool { folder?.isReloadRequested ?? false }

    /// The peers rejected since the last call, as events.
    func takeRejections() -> [ClusterEvent] {
        rejections.take().map { .keyRejected($0, folder: folder?.path) }
    }

    /// Reads files that have changed; returns events to record, and a new key for the listener.
    func reload() -> (events: [ClusterEvent], ownKey: CurveKeyPair?) {
        var events: [ClusterEvent] = []
        do {
            if let folder, let keys = try folder.change() {
                authenticator.replace(allowList: keys)
                events.append(.keysChanged(folder: folder.path, count: keys.count))
            }
        } catch {
            // A key file that is being written is incomplete for a moment: the run must survive that.
            events.append(.keysUnusable("\(error)"))
        }
        do {
            return (events, try ownKey?.change())
        } catch {
            events.append(.keysUnusable("\(error)"))
            return (events, nil)
        }
    }
}

/// Peers that an authenticator has rejected, on their way from its thread to the listener's.
final class KeyRejections: Sendable {
    // Beyond them, the remarks would be left out by their rate anyway.
    private static let most = 2 * RemarkLimiter.perMinute

    private let reasons = Mutex<[String]>([])

    func add(_ decision: Authenticator.Decision) {
        guard !decision.isAccepted else { return }
        reasons.withLock { if $0.count < Self.most { $0.append(decision.reason) } }
    }

    /// The reasons since the last call.
    func take() -> [String] {
        reasons.withLock { reasons in
            defer { reasons = [] }
            return reasons
        }
    }
}
