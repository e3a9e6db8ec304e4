import Messages
import ZeroMQ

/// What a worker fetches of scans and their list: what is wanted, asked for and under way.
///
/// A few are fetched at once, the rest wait their turn; events go in, and what is to be said to the
/// coordinator comes out.
struct FetchQueue {
    /// What can be fetched.
    enum Item: Hashable {
        case scene(SceneReference)
        case file(Digest)
    }

    /// Told how it went: the bytes if they have just come, nil if they lie on the disk.
    typealias Receiver = @Sendable (Result<[UInt8]?, WorkerError>) -> Void

    /// A file under way, and all that it was fetched for.
    struct Download: Sendable {
        let digest: Digest
        fileprivate(set) var items: [Item]
        fileprivate var pieces: AssetPieces
        fileprivate(set) var bytes: [UInt8] = []
    }

    private static let atOnce = 4

    /// Why nothing comes any more; nil as long as things come.
    private(set) var closed: String?
    private var packed: [SceneReference: (digest: Digest, bytes: UInt64)] = [:]
    private var receivers: [Item: [Receiver]] = [:]
    /// What has not been asked for yet; the first is next.
    private var queue: [Item] = []
    private var active: Set<Item> = []
    private var downloads: [Digest: Download] = [:]

    /// What a scan is known by, once the coordinator has said it.
    func digest(of scene: SceneReference) -> Digest? { packed[scene]?.digest }

    /// Puts an item behind what is wanted already, or before it.
    mutating func want(
        _ item: Item, urgently: Bool, _ receiver: @escaping Receiver
    ) -> [Message] {
        guard closed == nil else { return [] }
        if urgently { queue.removeAll { $0 == item } }
        if urgently ? !active.contains(item) : receivers[item] == nil {
            queue.insert(item, at: urgently ? 0 : queue.count)
        }
        receivers[item, default: []].append(receiver)
        return begin()
    }

    /// Takes the coordinator's word on what a scan is known by.
    ///
    /// - Parameter isKept: whether the disk has it, so that nothing need be fetched.
    mutating func learn(
        of scene: SceneReference, _ digest: Digest, bytes: UInt64, isKept: Bool
    ) -> [Message] {
        guard active.contains(.scene(scene)), packed[scene] == nil else { return [] }
        packed[scene] = (digest, bytes)
        return isKept ? [] : download(.scene(scene), digest, bytes: bytes)
    }

    /// Takes a piece of a file; the file if that was the last.
    mutating func take(
        _ part: AssetPart, _ payload: Frame
    ) -> (next: AssetRequest?, done: Download?) {
        guard let (bytes, next) = downloads[part.digest]?.pieces.take(part, payload) else {
            return (nil, nil)
        }
        downloads[part.digest]?.bytes += bytes
        let isComplete = downloads[part.digest]?.pieces.isComplete == true
        return (next, isComplete ? downloads.removeValue(forKey: part.digest) : nil)
    }

    /// Ends with these items: who is to be told, and what is to be asked for next.
    mutating func finish(_ items: [Item]) -> (receivers: [Receiver], messages: [Message]) {
        let told = items.flatMap { receivers.removeValue(forKey: $0) ?? [] }
        active.subtract(items)
        return (told, begin())
    }

    /// Gives up fetching an item; all that would have come with it.
    mutating func abandon(_ item: Item) -> [Item] {
        guard let known = downloads.first(where: { $0.value.items.contains(item) }) else {
            return [item]
        }
        downloads[known.key] = nil
        return known.value.items
    }

    /// Ends with everything, for good; who is to be told.
    mutating func close(_ reason: String) -> [Receiver] {
        defer {
            self = FetchQueue()
            closed = reason
        }
        return receivers.values.flatMap { $0 }
    }

    /// Asks for what is next, as far as there is room.
    private mutating func begin() -> [Message] {
        var messages: [Message] = []
        while active.count < Self.atOnce, !queue.isEmpty {
            let item = queue.removeFirst()
            active.insert(item)
            switch item {
            case .file(let digest): messages += download(item, digest, bytes: nil)
            case .scene(let scene):
                if let known = packed[scene] {
                    messages += download(item, known.digest, bytes: known.bytes)
                } else {
                    messages.append(.sceneRequest(SceneRequest(scene)))
                }
            }
        }
        return messages
    }

    private mutating func download(_ item: Item, _ digest: Digest, bytes: UInt64?) -> [Message] {
        guard downloads[digest] == nil else {
            downloads[digest]?.items.append(item)
            return []
        }
        var pieces = AssetPieces(of: digest, total: bytes)
        let requests = pieces.firstRequests()
        downloads[digest] = Download(digest: digest, items: [item], pieces: pieces)
        return requests.map { .assetRequest($0) }
    }
}
