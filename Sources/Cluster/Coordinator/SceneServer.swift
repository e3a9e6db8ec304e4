import Checkpoints
package import Datasets
package import Messages
import Synchronization
import ZeroMQ

/// Serves a run's scans to workers that do not have the data.
///
/// Scans are read and packed on threads of its own, so that the coordinator's steps go on; what was
/// packed last stays in memory, and the rest is packed again when it is asked for.
package final class SceneServer: Sendable {
    /// What is to be sent to a worker.
    package struct Reply: Sendable {
        package let parcel: WireMessage
        package let worker: WorkerID
    }

    private enum Want {
        case offer(WorkerID)
        case part(AssetRequest, WorkerID)
    }

    private struct State {
        /// What is being packed, and who waits for it.
        var wants: [SceneReference: [Want]] = [:]
        var packed: [SceneReference: (digest: Digest, bytes: Int)] = [:]
        var scenes: [Digest: SceneReference] = [:]
        /// What is in memory; the first was used longest ago.
        private var kept: [(digest: Digest, bytes: [UInt8])] = []
        private var size = 0

        /// The bytes of a digest, if they are in memory, where they then stay longest.
        mutating func use(_ digest: Digest) -> [UInt8]? {
            guard let place = kept.firstIndex(where: { $0.digest == digest }) else { return nil }
            let entry = kept.remove(at: place)
            kept.append(entry)
            return entry.bytes
        }

        mutating func keep(_ bytes: [UInt8], of scene: SceneReference, _ digest: Digest) {
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
    /// Bytes that are sent at once.
    private static let piece = 1 << 20

    /// The digest of the list of scans.
    package let digest: Digest
    private let list: [UInt8]
    private let sources: [Bool: any SceneSource]
    private let pool: ComputePool
    private let state = Mutex(State())
    private let post: @Sendable (Reply) -> Void

    /// A server of two splits' scans.
    ///
    /// - Parameters:
    ///   - threads: how many scans are packed at once.
    ///   - post: told what has become ready, on any thread.
    package init(
        training: any SceneSource, validation: any SceneSource, threads: Int,
        post: @escaping @Sendable (Reply) -> Void
    ) throws {
        list = try DataDescription(training: training, validation: validation).bytes
        digest = Digest(BLAKE2b(of: list).bytes)!
        // All scans have the places that the list gives them, whichever keep their labels.
        sources = [false: (training as? FewLabels)?.source ?? training, true: validation]
        pool = ComputePool(threads: threads)
        self.post = post
    }

    deinit { pool.close() }

    // MARK: What workers ask

    /// Answers now or posts the answer later.
    package func take(_ request: SceneRequest, from worker: WorkerID) -> WireMessage? {
        let scene = request.scene
        guard let source = sources[scene.isForValidation], scene.sample < UInt64(source.count)
        else {
            return WireMessage(
                SceneOffer(scene, .unreadable("There is no scan \(scene.sample).")))
        }
        if let known = state.withLock({ $0.packed[scene] }) {
            return Self.offer(scene, known.digest, known.bytes)
        }
        pack(scene, for: .offer(worker))
        return nil
    }

    /// Answers now or posts the answer later; a request for what nobody was offered has none.
    package func take(_ request: AssetRequest, from worker: WorkerID) -> WireMessage? {
        if request.digest == digest { return Self.part(request, of: list) }
        if let bytes = state.withLock({ $0.use(request.digest) }) {
            return Self.part(request, of: bytes)
        }
        if let scene = state.withLock({ $0.scenes[request.digest] }) {
            pack(scene, for: .part(request, worker))
        }
        return nil
    }

    // MARK: Packing

    private func pack(_ scene: SceneReference, for want: Want) {
        let isNew = state.withLock { state in
            defer { state.wants[scene, default: []].append(want) }
            return state.wants[scene] == nil
        }
        guard isNew, let source = sources[scene.isForValidation] else { return }
        pool.submit { [self] in
            do {
                let bytes = PackedCloud.bytes(of: try source.scene(at: Int(scene.sample)))
                let digest = Digest(BLAKE2b(of: bytes).bytes)!
                let wants = state.withLock { state in
                    state.keep(bytes, of: scene, digest)
                    return state.wants.removeValue(forKey: scene) ?? []
                }
                for want in wants { answer(want, scene, digest, bytes) }
            } catch {
                let wants = state.withLock { $0.wants.removeValue(forKey: scene) ?? [] }
                for want in wants { refuse(want, scene, "\(error)") }
            }
        }
    }

    private func answer(
        _ want: Want, _ scene: SceneReference, _ digest: Digest, _ bytes: [UInt8]
    ) {
        switch want {
        case .offer(let worker):
            post(Reply(parcel: Self.offer(scene, digest, bytes.count), worker: worker))
        case .part(let request, let worker):
            guard request.digest == digest else {
                return refuse(
                    want, scene, "The scan \(name(scene)) has changed since the run began.")
            }
            if let part = Self.part(request, of: bytes) {
                post(Reply(parcel: part, worker: worker))
            }
        }
    }

    private func refuse(_ want: Want, _ scene: SceneReference, _ reason: String) {
        let offer = WireMessage(SceneOffer(scene, .unreadable(reason)))
        switch want {
        case .offer(let worker), .part(_, let worker): post(Reply(parcel: offer, worker: worker))
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

    /// A piece of some bytes; nil if it would begin beyond their end.
    private static func part(_ request: AssetRequest, of bytes: [UInt8]) -> WireMessage? {
        .part(request, of: bytes, most: piece)
    }
}

extension WireMessage {
    /// The piece of a file that a worker asks for, of so many bytes at the most; nil if it would begin
    /// beyond the file's end.
    static func part(_ request: AssetRequest, of file: [UInt8], most: Int = .max) -> WireMessage? {
        guard request.offset < UInt64(file.count) else { return nil }
        let begin = Int(request.offset)
        let end = begin + min(Int(request.length), most, file.count - begin)
        return WireMessage(
            AssetPart(
                digest: request.digest, offset: request.offset, total: UInt64(file.count)),
            payloads: [Frame(Array(file[begin..<end]))])
    }
}
