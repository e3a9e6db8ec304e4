import CZeroMQ
import Synchronization

/// The ZAP handler of a context: decides which peers its sockets admit (ZeroMQ RFC 27).
///
/// The handler runs on a thread of its own, and sockets that need it keep it alive. A context has
/// at most one. Messages of a CURVE peer carry its key's fingerprint as ``Multipart/userID``. A key
/// that is removed from the list cannot connect again. A peer that is already connected stays
/// connected: the receiver must check its messages with ``name(ofUserID:)``.
package final class Authenticator: Sendable {
    /// The treatment of peers without keys (the NULL mechanism).
    package enum PlainPeers: Sendable {
        /// All are rejected.
        case refused
        /// Peers on this machine are admitted.
        case local
        /// All are admitted: for `--insecure`.
        case all
    }

    /// A decision about one peer, for the log.
    package struct Decision: Sendable, Equatable {
        /// Whether the peer is admitted.
        package let isAccepted: Bool
        /// The peer's network address.
        package let address: String
        /// The fingerprint of the peer's key; nil for a peer without a key.
        package let fingerprint: String?
        /// The peer's name on the allow-list; nil if the key is not on the list.
        package let name: String?
        /// The reason, in one sentence.
        package let reason: String
    }

    let context: Context
    private let waker: Waker
    private let rules: Rules
    private let thread: BackgroundThread

    /// Starts the handler; `onDecision` is called on its thread and must be quick.
    package init(
        in context: Context, allowList: AllowList, plainPeers: PlainPeers = .refused,
        onDecision: @escaping @Sendable (Decision) -> Void = { _ in }
    ) throws(SocketError) {
        self.context = context
        let waker = try Waker()
        self.waker = waker
        let rules = Rules(allowList: allowList, plainPeers: plainPeers)
        self.rules = rules
        let socket = try Socket(.reply, in: context)
        do throws(SocketError) {
            try socket.bind(to: .inproc(name: "zeromq.zap.01"))
        } catch {
            throw SocketError(error.kind, "A context can have one authenticator only: \(error)")
        }
        let handler = AuthenticatorThread(
            socket: socket, waker: waker, rules: rules, onDecision: onDecision)
        thread = try BackgroundThread("zap") { handler.run() }
    }

    deinit {
        rules.stop()
        waker.wake()
        thread.join()
    }

    /// Replaces the list of keys that may join, for all later handshakes.
    package func replace(allowList: AllowList) { rules.replace(allowList) }

    /// The name of an authenticated peer; nil if its key may no longer join.
    package func name(ofUserID userID: String) -> String? {
        rules.allowList.name(ofUserID: userID)
    }
}

/// The rules of a handler, shared between its thread and the threads that change them.
final class Rules: Sendable {
    private let list: Mutex<AllowList>
    private let stopped = Atomic(false)
    let plainPeers: Authenticator.PlainPeers

    init(allowList: AllowList, plainPeers: Authenticator.PlainPeers) {
        list = Mutex(allowList)
        self.plainPeers = plainPeers
    }

    var allowList: AllowList { list.withLock { $0 } }
    func replace(_ allowList: AllowList) { list.withLock { $0 = allowList } }
    var isStopped: Bool { stopped.load(ordering: .acquiring) }
    func stop() { stopped.store(true, ordering: .releasing) }
}
