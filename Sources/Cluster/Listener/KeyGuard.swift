import ZeroMQ

/// Decides which keys may join, and follows changes of the folder that lists them.
final class KeyGuard {
    private let authenticator: Authenticator
    private let folder: KeyFolder?

    /// A guard over an authenticator's keys.
    ///
    /// - Parameter folder: the folder that lists them; nil if they never change.
    init(_ authenticator: Authenticator, folder: KeyFolder?) {
        self.authenticator = authenticator
        self.folder = folder
    }

    /// Whether the owner of a key may take part now.
    func admits(_ userID: String?) -> Bool {
        name(of: userID) != nil
    }

    /// The name under which a key is listed; nil if it may not take part.
    func name(of userID: String?) -> String? {
        userID.flatMap { authenticator.name(ofUserID: $0) }
    }

    /// Whether the folder must be read at once.
    var isReloadRequested: Bool { folder?.isReloadRequested ?? false }

    /// Reads the folder if it has changed; returns an event to record, nil if nothing changed.
    func reload() -> ClusterEvent? {
        guard let folder else { return nil }
        do {
            guard let keys = try folder.change() else { return nil }
            authenticator.replace(allowList: keys)
            return .keysChanged(folder: folder.path, count: keys.count)
        } catch {
            // A key file that is being written is incomplete for a moment: the run must survive that.
            return .keysUnusable("\(error)")
        }
    }
}
