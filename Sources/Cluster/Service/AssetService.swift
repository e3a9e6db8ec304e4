package import Messages
import ZeroMQ

/// A file that workers fetch piece by piece.
protocol Asset {
    /// The digest by which workers ask for it.
    var digest: Digest { get }
    /// Bytes in all.
    var count: Int { get }
    /// Bytes from an offset on, which lies within the file; nil if they cannot be read.
    func bytes(from offset: Int, atMost count: Int) -> Frame?
}

/// The answer to a worker's request for a part of a file.
package enum AssetAnswer {
    /// The answer.
    case now(WireMessage)
    /// The answer is being prepared, and ``AssetService/takeAnswers()`` will have it.
    case later
    /// There is none: no sound worker sends such a request.
    case none
}

/// The length of the pieces in which workers request files.
let assetPieceBytes = 1 << 20

extension Asset {
    /// The piece that a worker asks for; none if it would begin beyond the file's end.
    func part(_ request: AssetRequest) -> AssetAnswer {
        // Offset and length come from a worker: neither may trap, nor be sent beyond a piece.
        guard request.offset < UInt64(count) else { return .none }
        let offset = Int(request.offset)
        let length = min(Int(request.length), assetPieceBytes, count - offset)
        guard let bytes = bytes(from: offset, atMost: length) else { return .none }
        return .now(
            WireMessage(
                AssetPart(digest: digest, offset: request.offset, total: UInt64(count)),
                payloads: [bytes]))
    }
}

/// A file in memory, whose pieces are sent without a copy.
struct StoredAsset: Asset {
    let digest: Digest
    private let content: Frame

    init(digest: Digest, content: [UInt8]) {
        self.init(digest: digest, content: Frame(SharedBytes(content)))
    }

    init(digest: Digest, content: Frame) {
        self.digest = digest
        self.content = content
    }

    var count: Int { content.count }

    func bytes(from offset: Int, atMost count: Int) -> Frame? {
        content.slice(offset..<min(offset + count, content.count))
    }
}

/// Serves the teacher's weights and the scans of a run to workers that fetch them.
///
/// The coordinator holds the teacher in memory, a relay in its cache; scans are packed on threads of
/// their own, and their answers wait until ``takeAnswers()``.
package final class AssetService {
    private let teacher: (any Asset)?
    private let scenes: SceneServer?
    private let answers: Inbox<SceneServer.Reply>

    /// A service.
    ///
    /// - Parameters:
    ///   - teacher: the teacher's weights; nil if workers fetch none.
    ///   - wake: called on any thread when an answer waits.
    ///   - scenes: creates the server of scans, given where it posts answers; nil where workers make
    ///     the scans.
    init(
        teacher: (any Asset)?, wake: @escaping @Sendable () -> Void,
        scenes: (_ post: @escaping @Sendable (SceneServer.Reply) -> Void) throws -> SceneServer?
    ) rethrows {
        self.teacher = teacher
        let answers = Inbox<SceneServer.Reply>(wake: wake)
        self.answers = answers
        self.scenes = try scenes { answers.post($0) }
    }

    /// A service of a teacher's weights alone, which are requested by the given digest.
    package convenience init(teacher content: [UInt8], digest: Digest) {
        self.init(teacher: StoredAsset(digest: digest, content: content), wake: {}) { _ in nil }
    }

    /// A service of nothing, for runs whose workers fetch nothing.
    package init() {
        teacher = nil
        scenes = nil
        answers = Inbox {}
    }

    /// The digest of the list of scans; nil if there are none to fetch.
    var dataDigest: Digest? { scenes?.digest }
    /// Answers a request for a piece of a file, now or later.
    func answer(_ request: AssetRequest, from worker: WorkerID) -> AssetAnswer {
        if let teacher, teacher.digest == request.digest { return teacher.part(request) }
        return scenes?.answer(request, from: worker) ?? .none
    }

    /// Answers a request for a scan, now or later.
    func answer(_ request: SceneRequest, from worker: WorkerID) -> AssetAnswer {
        scenes?.answer(request, from: worker) ?? .none
    }

    /// Removes the answers that have become ready since the requests.
    func takeAnswers() -> [SceneServer.Reply] { answers.drain() }
}
