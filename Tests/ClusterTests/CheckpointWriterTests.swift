import Checkpoints
import Cluster
import Foundation
import Synchronization
import Tensors
import Testing

/// Checkpoints that cannot be written at once.
@Suite struct CheckpointWriterTests {
    private let root = FileManager.default.temporaryDirectory.appending(
        path: "denju-writer-\(UUID().uuidString)")
    private var folder: String { root.appending(path: "checkpoints").path }

    private final class Log: Sendable {
        let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ event: RunEvent) {
            lines.withLock {
                switch event {
                case .diagnostic(let diagnostic): $0.append("\(diagnostic)")
                case .saved(let folder): $0.append("saved \(folder.suffix(4))")
                default: break
                }
            }
        }
    }

    private func checkpoint(_ step: Int) -> Checkpoint {
        Checkpoint(
            state: CheckpointState(
                runID: "00112233445566778899aabbccddeeff", epoch: 1, step: step, pass: 0,
                cursor: 0, seed: 1, recipe: "steps: 9\n", toolVersion: "0.1.0",
                numerics: NumericsFingerprint(blasCore: "x", kernels: "v4", canary: "")),
            model: Weights([NamedTensor(name: "w", shape: [1, 1], tensor: Tensor(Float(step)))]),
            optimizer: Weights())
    }

    private func steps() throws -> [Int] {
        try CheckpointStore(folder, retention: Retention(keepLast: 9)).folders().map(\.step)
            .sorted()
    }

    @Test("a checkpoint that could not be written is written later, and its error forgotten")
    func failedWriteIsRepeated() throws {
        defer { try? FileManager.default.removeItem(at: root) }
        // A file stands where the folder must be.
        try "in the way".write(to: root, atomically: true, encoding: .utf8)
        let log = Log()
        let writer = CheckpointWriter(
            CheckpointStore(folder, retention: Retention(keepLast: 9)), record: log.add)
        writer.save(checkpoint(1), marks: [])
        writer.save(checkpoint(2), marks: ["best"])
        writer.write("2\n", to: root.appending(path: "validated").path)
        #expect(throws: (any Error).self) { try writer.finish() }
        #expect(writer.saved == nil && writer.has(step: 2), "it waits")

        for step in 3...6 { writer.save(checkpoint(step), marks: step == 5 ? ["best"] : []) }
        #expect(throws: (any Error).self) { try writer.finish() }
        #expect(writer.waiting == 2, "the newest, and the newest of the best")
        let remarks = log.all.filter { $0.contains("could not be written") }
        #expect(remarks.count == 1, "\(remarks)")

        try FileManager.default.removeItem(at: root)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        _ = try CheckpointStore(folder, retention: Retention(keepLast: 9)).prepare()
        try writer.finish()
        #expect(try steps() == [5, 6])
        #expect(writer.saved?.step == 6 && writer.waiting == 0)
        let store = CheckpointStore(folder, retention: Retention(keepLast: 9))
        #expect(try store.mark("best")?.hasSuffix("5") == true)
        #expect(try store.mark("latest")?.hasSuffix("6") == true)
        let validated = root.appending(path: "validated").path
        #expect(try String(contentsOfFile: validated, encoding: .utf8) == "2\n")
        #expect(log.all.contains { $0.contains("on disk now") })
        try writer.finish()
    }
}
