import Messages
import ZeroMQ

/// A worker's queue of files to fetch: scans and their list, waiting and under way.
///
/// A few files are fetched at once and the others wait. A pure state machine: events go in, messages
/// to the coordinator come out.
struct FetchQueue {
    /// A file to fetch.
    enum Item: Hashable {
        case scene(SceneReference)
        case file(Digest)
    }

    /// Receives the result: the bytes if they have just arrived, nil if they are on the disk.
    typealias Receiver = @Sendable (Result<[UInt8]?, WorkerError>) -> Void

    /// A file under way, and the items that have its content.
    struct Download: Sendable {
        let digest: Digest
        fileprivate(set) var items: [Item]
        fileprivate var pieces: AssetPieces
        fileprivate(set) var bytes: [UInt8] = []
    }

    // Each download keeps several pieces under way, so that a few files fill the connection; more
    // would delay the file that a thread waits for.
    private static let concurrentFetches = 4

    /// The reason why nothing can be fetched any more; nil while the session lasts.
    private(set) var closed: String?
    private var packed: [SceneReference: (digest: Digest, bytes: UInt64)] = [:]
    private var receivers: [Item: [Receiver]] = [:]
    /// Items that have not been requested; the first is next.
    private var queue: [Item] = []
    private var active: Set<Item> = []
    private var downloads: [Digest: Download] = [:]

    /// The digest of a scan, once the coordinator has sent it.
    func digest(of scene: SceneReference) -> Digest? { packed[scene]?.digest }

    /// Appends an item to the queue, or inserts it at the front if it is urgent.
    mutating func request(
        _ item: Item, urgently: Bool, _ receiver: @escaping Receiver
    ) -> [any Message] {
        guard closed == nil else { return [] }
        if urgently { queue.removeAll { $0 == item } }
        if urgently ? !active.contains(item) : receivers[item] == nil {
            queue.insert(item, at: urgently ? 0 : queue.count)
        }
        receivers[item, default: []].append(receiver)
        return begin()
    }

    /// Records a scan's digest and size.
    ///
    /// - Parameter isStored: whether the disk has a file with this digest, so that none is fetched.
    mutating func recordDigest(
        _ digest: Digest, of scene: SceneReference, bytes: UInt64, isStored: Bool
    ) -> [any Message] {
        guard active.contains(.scene(scene)), packed[scene] == nil else { return [] }
        packed[scene] = (digest, bytes)
        return isStored ? [] : download(.scene(scene), digest, bytes: bytes)
    }

    /// Records a piece of a file; `done` is the file if it is complete.
    mutating func receive(
        _ part: AssetPart, _ payload: Frame
    ) -> (next: AssetRequest?, done: Download?) {
        guard let (bytes, next) = downloads[part.digest]?.pieces.receive(part, payload) else {
            return (nil, nil)
        }
        downloads[part.digest]?.bytes += bytes
        let isComplete = downloads[part.digest]?.pieces.isComplete == true
        return (next, isComplete ? downloads.removeValue(forKey: part.digest) : nil)
    }

    /// Removes items that are finished; their receivers, and the requests that can be sent now.
    mutating func finish(_ items: [Item]) -> (receivers: [Receiver], messages: [any Message]) {
        let receivers = items.flatMap { self.receivers.removeValue(forKey: $0) ?? [] }
        active.subtract(items)
        return (receivers, begin())
    }

    /// Cancels the download of an item; all items of that download.
    mutating func abandon(_ item: Item) -> [Item] {
        guard let known = downloads.first(where: { $0.value.items.contains(item) }) else {
            return [item]
        }
        downloads[known.key] = nil
        return known.value.items
    }

    /// Removes everything, for good; the receivers to inform.
    mutating func close(_ reason: String) -> [Receiver] {
        defer {
            self = FetchQueue()
            closed = reason
        }
        return receivers.values.flatMap { $0 }
    }

    /// Starts the next items, as many as may be under way.
    private mutating func begin() -> [any Message] {
        var messages: [any Message] = []
        while active.count < Self.concurrentFetches, !queue.isEmpty {
            let item = queue.removeFirst()
            active.insert(item)
            switch item {
            case .file(let digest): messages += download(item, digest, bytes: nil)
            case .scene(let scene):
                if let known = packed[scene] {
                    messages += download(item, known.digest, bytes: known.bytes)
                } else {
                    messages.append(SceneRequest(scene))
                }
            }
        }
        return messages
    }

    private mutating func download(_ item: Item, _ digest: Digest, bytes: UInt64?) -> [any Message]
    {
        guard downloads[digest] == nil else {
            downloads[digest]?.items.append(item)
            return []
        }
        var pieces = AssetPieces(of: digest, total: bytes)
        let requests = pieces.firstRequests()
        downloads[digest] = Download(digest: digest, items: [item], pieces: pieces)
        return requests
    }
}
