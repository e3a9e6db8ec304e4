import Checkpoints
import Cluster
import Datasets
import Foundation
import Messages
import PointClouds
import Synchronization
import Testing
import ZipArchives

/// Scans that a worker fetches from a coordinator, without the wire between them.
@Suite struct SceneClientTests {
    /// Scans of a few points, with a count of reads.
    private final class Source: SceneSource {
        let name = "counted"
        let classes = ["a", "b"]
        let channels: [ChannelSpecification] = []
        let count = 12
        let reads = Mutex([Int](repeating: 0, count: 12))
        func name(of index: Int) -> String { "s/\(index)" }
        func scene(at index: Int) throws -> Cloud {
            reads.withLock { $0[index] += 1 }
            if index == 11 { throw SourceError("The file s/11 is damaged.") }
            // Two scans with one digest: the tenth has the points of the first.
            let number = index == 10 ? 0 : index
            return Cloud(
                positions: (0..<500).map { SIMD3(Float($0) * 1.1, Float(number), 0.3) },
                labels: [Int32](repeating: 1, count: 500))
        }
    }

    /// A server and a client whose messages reach each other at once.
    private final class Link: Sendable {
        let source = Source()
        let folder: String
        let notes = Mutex<[String]>([])
        let asked = Mutex<[any Message]>([])
        let isCut = Mutex(false)
        private let ends = Mutex<(server: SceneServer, client: SceneClient)?>(nil)

        init(folder: String? = nil, limit: Int = 1 << 30, timeout: Duration = .seconds(60)) throws {
            let path = FileManager.default.temporaryDirectory.path
            self.folder = folder ?? "\(path)/denju-client-\(UUID().uuidString)"
            let server = try SceneServer(training: source, validation: source, threads: 2) {
                [weak self] in self?.deliver($0.message)
            }
            let client = SceneClient(
                keepingIn: self.folder, limit: limit, timeout: timeout,
                note: { [weak self] note in self?.notes.withLock { $0.append(note) } }
            ) { [weak self] in self?.ask($0) }
            ends.withLock { $0 = (server, client) }
        }

        var client: SceneClient { ends.withLock { $0!.client } }
        var server: SceneServer { ends.withLock { $0!.server } }

        private func ask(_ message: any Message) {
            asked.withLock { $0.append(message) }
            if isCut.withLock({ $0 }) { return }
            let answer: AssetAnswer =
                switch message {
                case let request as SceneRequest: server.answer(request, from: 1)
                case let request as AssetRequest: server.answer(request, from: 1)
                default: .none
                }
            if case .now(let reply) = answer { deliver(reply) }
        }

        private func deliver(_ parcel: WireMessage) {
            switch parcel.message {
            case let offer as SceneOffer: client.receive(offer)
            case let part as AssetPart: client.receive(part, parcel.payloads[0])
            default: break
            }
        }

        /// The scans as the worker reads them.
        func scenes() throws -> StreamedScenes {
            let list = try DataDescription(bytes: client.list(server.digest))
            return StreamedScenes(list.training, split: .training, from: client)
        }

        var kept: [String] {
            FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
                .filter { $0.hasSuffix(".scan") }.map { "\(folder)/\($0)" } ?? []
        }

        deinit { try? FileManager.default.removeItem(atPath: folder) }
    }

    @Test func fetchedScansEqualTheirSource() throws {
        let link = try Link()
        let scenes = try link.scenes()
        #expect(scenes.count == 12 && scenes.classes == ["a", "b"])
        for index in 0..<11 {
            let (there, here) = (try link.source.scene(at: index), try scenes.scene(at: index))
            #expect(here.positions == there.positions && here.labels == there.labels)
            #expect(scenes.name(of: index) == link.source.name(of: index))
            #expect(scenes.sampleID(of: index) == link.source.sampleID(of: index))
        }
        #expect(link.kept.count == 11, "ten different scans and their list")
        let asked = link.asked.withLock { $0.count }
        for index in 0..<11 { _ = try scenes.scene(at: index) }
        #expect(link.asked.withLock { $0.count } == asked, "from the disk")
    }

    @Test func concurrentReadersFetchAScanOnce() throws {
        let link = try Link()
        let scenes = try link.scenes()
        DispatchQueue.concurrentPerform(iterations: 40) { turn in
            #expect((try? scenes.scene(at: turn % 10))?.count == 500)
        }
        #expect(link.source.reads.withLock { $0.prefix(10).allSatisfy { $0 == 1 } })
    }

    @Test func prefetchedScansAreReadWithoutWaiting() throws {
        let link = try Link()
        let scenes = try link.scenes()
        let isThere = DispatchSemaphore(value: 0)
        scenes.prefetch([3, 4, 10, 11]) { isThere.signal() }
        #expect(isThere.wait(timeout: .now() + 60) == .success)
        link.isCut.withLock { $0 = true }
        for index in [3, 4, 10] { #expect(try scenes.scene(at: index).count == 500) }
        scenes.prefetch([]) { isThere.signal() }
        scenes.prefetch([4]) { isThere.signal() }
        for _ in 0..<2 { #expect(isThere.wait(timeout: .now()) == .success) }
    }

    @Test func damagedScanIsFetchedAgain() throws {
        let link = try Link()
        let scenes = try link.scenes()
        let sound = try scenes.scene(at: 5)
        let before = link.kept
        for (number, path) in before.enumerated() {
            var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
            if number % 2 == 0 { bytes[bytes.count / 2] ^= 4 } else { bytes.removeLast(7) }
            try Data(bytes).write(to: URL(filePath: path))
        }
        #expect(try scenes.scene(at: 5).positions == sound.positions)
        #expect(link.notes.withLock { $0 }.contains { $0.contains("is damaged: it is fetched") })
        #expect(Set(link.kept) == Set(before))
    }

    @Test(arguments: [0, 9000]) func cacheKeepsItsLimit(limit: Int) throws {
        let link = try Link(limit: limit)
        let scenes = try link.scenes()
        for turn in 0..<30 { #expect(try scenes.scene(at: turn * 7 % 11).count == 500) }
        let sizes = try link.kept.map { try Data(contentsOf: URL(filePath: $0)).count }
        #expect(sizes.reduce(0, +) <= limit)
        #expect(sizes.isEmpty == (limit == 0))
    }

    @Test func failuresNameTheirReason() throws {
        let link = try Link()
        let scenes = try link.scenes()
        #expect(throws: WorkerError("The file s/11 is damaged.")) { try scenes.scene(at: 11) }
        link.isCut.withLock { $0 = true }
        let waiting = Thread { link.client.close("The connection to the coordinator is gone.") }
        waiting.start()
        #expect(throws: WorkerError("The connection to the coordinator is gone.")) {
            try scenes.scene(at: 1)
        }
        let silent = try Link(timeout: .milliseconds(20))
        let never = try silent.scenes()
        silent.isCut.withLock { $0 = true }
        let error = #expect(throws: WorkerError.self) { try never.scene(at: 1) }
        #expect(error?.description.contains("did not arrive within 0.02 seconds") == true)
    }
}
