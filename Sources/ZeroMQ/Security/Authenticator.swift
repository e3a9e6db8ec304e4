import CZeroMQ
import Synchronization

/// The ZAP handler of a context: decides who may talk to its sockets (ZeroMQ RFC 27).
///
/// It runs on a thread of its own, and sockets that need it keep it alive. There is at most one in
/// a context. A CURVE peer gets its key's fingerprint as ``Multipart/userID``. A key taken off
/// the list cannot join again; a peer that is already connected stays so, and its messages must be
/// judged by ``name(ofUserID:)``.
package final class Authenticator: Sendable {
    /// What becomes of peers without keys (the NULL mechanism).
    package enum PlainPeers: Sendable {
        /// None may join.
        case refused
        /// Those on this machine may.
        case local
        /// All may: for `--insecure`.
        case anybody
    }

    /// What was decided, for the log.
    package struct Decision: Sendable, Equatable {
        /// Whether the peer may talk.
        package let isAccepted: Bool
        /// The peer's network address.
        package let address: String
        /// The fingerprint of its key; nil if it has none.
        package let fingerprint: String?
        /// Its name on the allow-list, if it is there.
        package let name: String?
        /// Why, in one sentence.
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

    /// Replaces the list of keys that may join; it holds for every handshake from now on.
    package func replace(allowList: AllowList) { rules.replace(allowList) }

    /// The name of an authenticated peer if its key may still join, else nil.
    package func name(ofUserID userID: String) -> String? {
        rules.allowList.name(ofUserID: userID)
    }
}

/// What the handler goes by, shared between its thread and who changes it.
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
