import Checkpoints
package import Datasets
import Dispatch
package import Messages
import Synchronization
package import ZeroMQ

/// Brings a worker the scans that it has no files of, and their list: from its disk, or from the
/// coordinator over the session's socket.
///
/// Scans are asked for one by one (``SceneRequest``), but what is known by its digest only once, and
/// come in pieces like the teacher's weights. They are kept packed under their digests, and checked
/// whenever they are read: a damaged one is fetched again.
package final class SceneClient: SceneSupply {
    private typealias Item = FetchQueue.Item

    /// How often a scan is fetched that does not stay on the disk until it is read.
    private static let attempts = 4

    private let state = Mutex(FetchQueue())
    private let store: EntryStore
    private let patience: Duration
    private let send: @Sendable (Message) -> Void
    private let note: @Sendable (String) -> Void
    /// Where what has come is checked and put down, while the session's thread goes on.
    private let desk = DispatchQueue(label: "denju.scans")

    /// A courier of a session.
    ///
    /// - Parameters:
    ///   - folder: where scans are kept, up to `limit` bytes.
    ///   - patience: how long a thread waits for one.
    ///   - send: has a message sent to the coordinator.
    package init(
        keepingIn folder: String, limit: Int, patience: Duration,
        note: @escaping @Sendable (String) -> Void, send: @escaping @Sendable (Message) -> Void
    ) {
        store = EntryStore(folder, suffix: ".scan", limit: limit)
        self.patience = patience
        self.note = note
        self.send = send
    }

    // MARK: What the worker's threads want

    package func bytes(of scene: Int, in split: Split) throws -> [UInt8] {
        try bytes(of: .scene(SceneReference(scene, split)))
    }

    /// The list of scans of a digest.
    package func list(_ digest: Digest) throws -> [UInt8] { try bytes(of: .file(digest)) }

    package func bring(_ scenes: [Int], in split: Split, then: @escaping @Sendable () -> Void) {
        let missing = scenes.map { Item.scene(SceneReference($0, split)) }.filter { item in
            !(digest(of: item).map(isKept) ?? false)
        }
        guard !missing.isEmpty else { return then() }
        let countdown = Countdown(missing.count, then)
        for item in missing { want(item, urgently: false) { _ in countdown.step() } }
    }

    private func bytes(of item: Item) throws -> [UInt8] {
        for _ in 0..<Self.attempts {
            if let digest = digest(of: item), let bytes = kept(digest) { return bytes }
            if let bytes = try fetch(item) { return bytes }
        }
        throw WorkerError(
            "\(store.path) does not keep scans until they are read: give it more room with "
                + "--cache-limit, or another place with --cache.")
    }

    /// Waits until an item has come.
    private func fetch(_ item: Item) throws -> [UInt8]? {
        let answer = Answer()
        want(item, urgently: true) { answer.give($0) }
        guard let result = answer.wait(upTo: patience) else {
            throw WorkerError(
                "The coordinator is there, but a scan that was asked for did not come in "
                    + "\(patience): look at its disk and network, or raise its "
                    + "--heartbeat-timeout, from which this time follows.")
        }
        return try result.get()
    }

    private func want(_ item: Item, urgently: Bool, _ receiver: @escaping FetchQueue.Receiver) {
        let (closed, messages) = state.withLock {
            ($0.closed, $0.want(item, urgently: urgently, receiver))
        }
        if let closed { receiver(.failure(WorkerError(closed))) }
        messages.forEach(send)
    }

    // MARK: What the coordinator says

    package func take(_ offer: SceneOffer) {
        let item = Item.scene(offer.scene)
        switch offer.answer {
        case .unreadable(let reason):
            let items = state.withLock { $0.abandon(item) }
            finish(items, .failure(WorkerError(reason)))
        case .packed(let digest, let bytes):
            let isKept = isKept(digest)
            let messages = state.withLock {
                $0.learn(of: offer.scene, digest, bytes: bytes, isKept: isKept)
            }
            messages.forEach(send)
            if isKept { finish([item], .success(nil)) }
        }
    }

    package func take(_ part: AssetPart, _ payload: Frame) {
        let (next, done) = state.withLock { $0.take(part, payload) }
        if let next { send(.assetRequest(next)) }
        if let done { desk.async { [self] in keep(done) } }
    }

    /// Nothing comes any more; whoever waits is told why.
    package func close(_ reason: String) {
        let receivers = state.withLock { $0.close(reason) }
        for receiver in receivers { receiver(.failure(WorkerError(reason))) }
    }

    // MARK: What has come

    private func keep(_ download: FetchQueue.Download) {
        let digest = BLAKE2b(of: download.bytes)
        guard digest.bytes == download.digest.bytes else {
            return finish(
                download.items,
                .failure(
                    WorkerError(
                        "A scan that came from the coordinator does not have the hash "
                            + "\(download.digest): start the worker again.")))
        }
        do {
            try store.write(download.bytes, at: digest)
        } catch {
            note("a scan cannot be kept: \(error)")
        }
        finish(download.items, .success(download.bytes))
    }

    private func finish(_ items: [Item], _ result: Result<[UInt8]?, WorkerError>) {
        let (receivers, messages) = state.withLock { $0.finish(items) }
        messages.forEach(send)
        for receiver in receivers { receiver(result) }
    }

    private func digest(of item: Item) -> Digest? {
        switch item {
        case .file(let digest): digest
        case .scene(let scene): state.withLock { $0.digest(of: scene) }
        }
    }

    private func isKept(_ digest: Digest) -> Bool {
        BLAKE2b(bytes: digest.bytes).flatMap { try? store.contains($0) } ?? false
    }

    /// What the disk has of a digest; what is damaged is removed.
    private func kept(_ digest: Digest) -> [UInt8]? {
        guard let address = BLAKE2b(bytes: digest.bytes), let bytes = try? store.read(address)
        else { return nil }
        if BLAKE2b(of: bytes) == address { return bytes }
        note("\(store.path(of: address)) is damaged: it is fetched again")
        try? store.remove(address)
        return nil
    }
}

/// What a thread waits for that another gives.
private final class Answer: Sendable {
    private let result = Mutex<Result<[UInt8]?, WorkerError>?>(nil)
    private let given = DispatchSemaphore(value: 0)

    func give(_ result: Result<[UInt8]?, WorkerError>) {
        self.result.withLock { $0 = result }
        given.signal()
    }

    /// The answer; nil if none came in time.
    func wait(upTo limit: Duration) -> Result<[UInt8]?, WorkerError>? {
        _ = given.wait(timeout: .now() + limit.seconds)
        return result.withLock { $0 }
    }
}

/// Calls when so many things have happened.
private final class Countdown: Sendable {
    private let left: Mutex<Int>
    private let then: @Sendable () -> Void

    init(_ count: Int, _ then: @escaping @Sendable () -> Void) {
        left = Mutex(count)
        self.then = then
    }

    func step() {
        let isDone = left.withLock { left in
            left -= 1
            return left == 0
        }
        if isDone { then() }
    }
}
