package import Datasets
import Files
package import Messages
import Synchronization
import ZeroMQ

/// Serves a run's scans to workers that do not have the data.
///
/// Scans are read and packed on threads of its own, so that the coordinator's steps continue. The
/// scans used last stay in memory; others are packed again when they are requested.
package final class SceneServer: Sendable {
    /// An answer to a worker.
    package struct Reply: Sendable {
        package let message: WireMessage
        package let worker: WorkerID
    }

    private enum Request {
        case offer(WorkerID)
        case part(AssetRequest, WorkerID)
    }

    private struct State {
        /// The requests that wait for each scan being packed.
        var requests: [SceneReference: [Request]] = [:]
        var packed: [SceneReference: (digest: Digest, bytes: Int)] = [:]
        var scenes: [Digest: SceneReference] = [:]
        /// The scans in memory; the first was used longest ago.
        private var kept: [(digest: Digest, bytes: Frame)] = []
        private var size = 0

        /// The bytes of a digest if they are in memory; marks them as used last.
        mutating func use(_ digest: Digest) -> Frame? {
            guard let place = kept.firstIndex(where: { $0.digest == digest }) else { return nil }
            let entry = kept.remove(at: place)
            kept.append(entry)
            return entry.bytes
        }

        mutating func keep(_ bytes: Frame, of scene: SceneReference, _ digest: Digest) {
            packed[scene] = (digest, bytes.count)
            scenes[digest] = scene
            guard use(digest) == nil else { return }
            kept.append((digest, bytes))
            size += bytes.count
            while size > SceneServer.memory, kept.count > 1 {
                size -= kept.removeFirst().bytes.count
            }
        }
    }

    /// Bytes of packed scans that stay in memory.
    private static let memory = 256 << 20

    /// The digest of the list of scans.
    package let digest: Digest
    private let list: Frame
    private let sources: [Bool: any SceneSource]
    private let pool: ComputePool
    private let state = Mutex(State())
    private let post: @Sendable (Reply) -> Void

    /// A server of two splits' scans.
    ///
    /// - Parameters:
    ///   - threads: the number of scans packed at once.
    ///   - post: receives answers that have become ready, on any thread.
    package init(
        training: any SceneSource, validation: any SceneSource, threads: Int,
        post: @escaping @Sendable (Reply) -> Void
    ) throws {
        let bytes = try DataDescription(training: training, validation: validation).bytes
        list = Frame(SharedBytes(bytes))
        digest = Digest(BLAKE2b(of: bytes).bytes)!
        // The list numbers all scans: a split of few labels would number only those it keeps.
        sources = [false: (training as? FewLabels)?.source ?? training, true: validation]
        pool = ComputePool(threads: threads)
        self.post = post
    }

    deinit { pool.close() }

    // MARK: Requests

    /// Answers a request for a scan's digest now, or posts the answer later.
    package func answer(_ request: SceneRequest, from worker: WorkerID) -> AssetAnswer {
        let scene = request.scene
        guard let source = sources[scene.isForValidation], scene.sample < UInt64(source.count)
        else {
            return .now(
                WireMessage(SceneOffer(scene, .unreadable("There is no scan \(scene.sample)."))))
        }
        if let known = state.withLock({ $0.packed[scene] }) {
            return .now(Self.offer(scene, known.digest, known.bytes))
        }
        pack(scene, for: .offer(worker))
        return .later
    }

    /// Answers a request for a piece of a scan now, or posts the answer later; a digest that was not
    /// offered has no answer.
    package func answer(_ request: AssetRequest, from worker: WorkerID) -> AssetAnswer {
        if request.digest == digest { return Self.part(request, of: list) }
        if let bytes = state.withLock({ $0.use(request.digest) }) {
            return Self.part(request, of: bytes)
        }
        guard let scene = state.withLock({ $0.scenes[request.digest] }) else { return .none }
        pack(scene, for: .part(request, worker))
        return .later
    }

    // MARK: Packing

    private func pack(_ scene: SceneReference, for request: Request) {
        let isNew = state.withLock { state in
            defer { state.requests[scene, default: []].append(request) }
            return state.requests[scene] == nil
        }
        // Several workers that request a scan at once wait for one packing.
        guard isNew, let source = sources[scene.isForValidation] else { return }
        pool.submit { [self] in
            do {
                let packed = PackedCloud.bytes(of: try source.scene(at: Int(scene.sample)))
                let digest = Digest(BLAKE2b(of: packed).bytes)!
                let bytes = Frame(SharedBytes(packed))
                let requests = state.withLock { state in
                    state.keep(bytes, of: scene, digest)
                    return state.requests.removeValue(forKey: scene) ?? []
                }
                for request in requests { answer(request, scene, digest, bytes) }
            } catch {
                let requests = state.withLock { $0.requests.removeValue(forKey: scene) ?? [] }
                for request in requests { reject(request, scene, "\(error)") }
            }
        }
    }

    private func answer(
        _ pending: Request, _ scene: SceneReference, _ digest: Digest, _ bytes: Frame
    ) {
        switch pending {
        case .offer(let worker):
            post(Reply(message: Self.offer(scene, digest, bytes.count), worker: worker))
        case .part(let request, let worker):
            // Workers would wait for a digest that no scan has any more.
            guard request.digest == digest else {
                return reject(
                    pending, scene, "The scan \(name(scene)) has changed since the run began.")
            }
            // Also if there is none: the worker's request must not stay pending.
            if case .now(let part) = Self.part(request, of: bytes) {
                post(Reply(message: part, worker: worker))
            } else {
                reject(pending, scene, "The scan \(name(scene)) has no byte \(request.offset).")
            }
        }
    }

    private func reject(_ request: Request, _ scene: SceneReference, _ reason: String) {
        let offer = WireMessage(SceneOffer(scene, .unreadable(reason)))
        switch request {
        case .offer(let worker), .part(_, let worker): post(Reply(message: offer, worker: worker))
        }
    }

    private func name(_ scene: SceneReference) -> String {
        sources[scene.isForValidation]?.name(of: Int(scene.sample)) ?? ""
    }

    private static func offer(_ scene: SceneReference, _ digest: Digest, _ bytes: Int)
        -> WireMessage
    {
        WireMessage(SceneOffer(scene, .packed(digest, bytes: UInt64(bytes))))
    }

    private static func part(_ request: AssetRequest, of bytes: Frame) -> AssetAnswer {
        StoredAsset(digest: request.digest, content: bytes).part(request)
    }
}
