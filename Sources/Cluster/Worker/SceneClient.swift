import Checkpoints
package import Datasets
import Dispatch
import Files
package import Messages
import Synchronization
package import ZeroMQ

/// Fetches scans that are not on this machine, and their list, from the coordinator, and keeps them
/// on the disk.
///
/// Scans are requested one by one (``SceneRequest``) and arrive in pieces like the teacher's weights;
/// scans with the same content are transferred once. They are stored packed under their digests and
/// verified at every read: a damaged file is removed and fetched again.
package final class SceneClient: SceneSupply {
    private typealias Item = FetchQueue.Item

    // A scan that was just stored can be evicted before it is read if the cache is small and several
    // threads fetch at once; a few attempts make that unlikely enough.
    private static let attempts = 4

    private let state = Mutex(FetchQueue())
    private let store: EntryStore
    private let timeout: Duration
    private let send: @Sendable (any Message) -> Void
    private let note: @Sendable (String) -> Void
    // Scans are hashed and written on a queue of its own: the session's thread, which receives them,
    // must go on sending heartbeats.
    private let storing = DispatchQueue(label: "denju.scans")

    /// A client of a session.
    ///
    /// - Parameters:
    ///   - folder: the folder of stored scans, which holds up to `limit` bytes.
    ///   - timeout: the longest time that a thread waits for a scan.
    ///   - note: receives remarks for the user.
    ///   - send: sends a message to the coordinator; called on any thread.
    package init(
        keepingIn folder: String, limit: Int, timeout: Duration,
        note: @escaping @Sendable (String) -> Void, send: @escaping @Sendable (any Message) -> Void
    ) {
        store = EntryStore(folder, suffix: ".scan", limit: limit)
        self.timeout = timeout
        self.note = note
        self.send = send
    }

    // MARK: Requests of the worker's threads

    package func bytes(of scene: Int, in split: Split) throws -> [UInt8] {
        try bytes(of: .scene(SceneReference(scene, split)))
    }

    /// The list of scans with the given digest.
    package func list(_ digest: Digest) throws -> [UInt8] { try bytes(of: .file(digest)) }

    package func prefetch(_ scenes: [Int], in split: Split, then: @escaping @Sendable () -> Void) {
        let missing = scenes.map { Item.scene(SceneReference($0, split)) }.filter { item in
            !(digest(of: item).map(isStored) ?? false)
        }
        guard !missing.isEmpty else { return then() }
        let countdown = Countdown(missing.count, then)
        for item in missing { request(item, urgently: false) { _ in countdown.step() } }
    }

    private func bytes(of item: Item) throws -> [UInt8] {
        for _ in 0..<Self.attempts {
            if let digest = digest(of: item), let bytes = stored(digest) { return bytes }
            if let bytes = try fetch(item) { return bytes }
        }
        throw WorkerError(
            "\(store.path) is too small to keep scans until they are read: raise --cache-limit, "
                + "or choose another folder with --cache.")
    }

    /// Waits until an item has arrived.
    private func fetch(_ item: Item) throws -> [UInt8]? {
        let answer = Answer()
        request(item, urgently: true) { answer.set($0) }
        guard let result = answer.wait(upTo: timeout) else {
            throw WorkerError(
                "The coordinator answers, but a requested scan did not arrive within "
                    + "\(timeout): check its disk and network, or raise its "
                    + "--heartbeat-timeout, from which this limit is derived.")
        }
        return try result.get()
    }

    private func request(_ item: Item, urgently: Bool, _ receiver: @escaping FetchQueue.Receiver) {
        let (closed, messages) = state.withLock {
            ($0.closed, $0.request(item, urgently: urgently, receiver))
        }
        if let closed { receiver(.failure(WorkerError(closed))) }
        messages.forEach(send)
    }

    // MARK: Messages of the coordinator

    /// Handles the coordinator's answer to a request for a scan.
    package func receive(_ offer: SceneOffer) {
        let item = Item.scene(offer.scene)
        switch offer.answer {
        case .unreadable(let reason):
            let items = state.withLock { $0.abandon(item) }
            finish(items, .failure(WorkerError(reason)))
        case .packed(let digest, let bytes):
            let isStored = isStored(digest)
            let messages = state.withLock {
                $0.recordDigest(digest, of: offer.scene, bytes: bytes, isStored: isStored)
            }
            messages.forEach(send)
            if isStored { finish([item], .success(nil)) }
        }
    }

    /// Handles a piece of a file.
    package func receive(_ part: AssetPart, _ payload: Frame) {
        let (next, done) = state.withLock { $0.receive(part, payload) }
        if let next { send(next) }
        if let done { storing.async { [self] in store(done) } }
    }

    /// Ends all requests, present and future, with an error of the given reason.
    package func close(_ reason: String) {
        let receivers = state.withLock { $0.close(reason) }
        for receiver in receivers { receiver(.failure(WorkerError(reason))) }
    }

    // MARK: Storing

    private func store(_ download: FetchQueue.Download) {
        let digest = BLAKE2b(of: download.bytes)
        guard digest.bytes == download.digest.bytes else {
            return finish(
                download.items,
                .failure(
                    WorkerError(
                        "A scan received from the coordinator does not match its hash "
                            + "\(download.digest): start the worker again.")))
        }
        do {
            if let error = try store.writeIfPossible(download.bytes, at: digest) {
                note("scans cannot be stored and are fetched again when needed: \(error)")
            }
        } catch {
            note("a scan cannot be stored: \(error)")
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

    private func isStored(_ digest: Digest) -> Bool {
        BLAKE2b(bytes: digest.bytes).flatMap { try? store.contains($0) } ?? false
    }

    /// The stored file of a digest, which is removed if it is damaged; nil if there is no intact one.
    private func stored(_ digest: Digest) -> [UInt8]? {
        guard let address = BLAKE2b(bytes: digest.bytes), let bytes = try? store.read(address)
        else { return nil }
        if BLAKE2b(of: bytes) == address { return bytes }
        note("\(store.path(of: address)) is damaged: it is fetched again")
        try? store.remove(address)
        return nil
    }
}

/// A result that one thread waits for and another supplies.
private final class Answer: Sendable {
    private let result = Mutex<Result<[UInt8]?, WorkerError>?>(nil)
    private let isSet = DispatchSemaphore(value: 0)

    func set(_ result: Result<[UInt8]?, WorkerError>) {
        self.result.withLock { $0 = result }
        isSet.signal()
    }

    /// Waits for the result; nil if none was supplied in time.
    func wait(upTo limit: Duration) -> Result<[UInt8]?, WorkerError>? {
        _ = isSet.wait(timeout: .now() + limit.seconds)
        return result.withLock { $0 }
    }
}

/// Calls a closure once a number of events has occurred.
private final class Countdown: Sendable {
    private let remaining: Mutex<Int>
    private let completion: @Sendable () -> Void

    init(_ count: Int, _ completion: @escaping @Sendable () -> Void) {
        remaining = Mutex(count)
        self.completion = completion
    }

    func step() {
        let isDone = remaining.withLock { remaining in
            remaining -= 1
            return remaining == 0
        }
        if isDone { completion() }
    }
}
