import Cluster
import ClusterTesting
import Datasets
import Distillation
import Files
import Foundation
import Messages
import OpenBLAS
import Synchronization
import Tensors
import Testing
import Training

/// Heartbeats carry the progress of compute threads, not that of the session.
@Suite struct WorkerProgressTests {
    private static let recipe = """
        data:
          source: streets
          scenes: {training: 3, validation: 1}
          options: {beams: 16, azimuth-steps: 64, range: 15}
        grid: 0.4
        points: 200
        features: [position, intensity]
        student:
          stride: [2]
          enc_depths: [1, 1]
          enc_channels: [8, 16]
          enc_num_head: [1, 2]
          dec_depths: [1]
          dec_channels: [8]
          dec_num_head: [1]
          patch_size: 32
          order: [z, hilbert]
        objectives:
          - task.cross-entropy
        steps: 2
        batch: 2

        """

    private let welcome: Welcome
    private let context: WorkerContext
    private let learner: Learner

    init() throws {
        let recipe = try Recipe(yaml: Self.recipe, seed: 1)
        let source = try SourceCatalogue.open(recipe.data, split: .training)
        let loader = try ExampleLoader(recipe, source: source)
        let student = try recipe.studentNetwork(
            classes: source.classes.count, inputs: loader.inputs)
        let parameters = RunParameters(
            student, try recipe.plan(student: student, teacher: nil), scope: recipe.scope)
        learner = try Learner(beginning: recipe, parameters, note: { _ in })
        welcome = Welcome(
            workerID: 1, recipe: Self.recipe, seed: 1, heartbeatTimeoutMilliseconds: 1000,
            teacherDigest: nil, dataDigest: nil,
            studentDigest: Digest(SHA256(of: parameters.description).bytes)!,
            bucketCount: UInt32(parameters.layout.buckets.count))
        let scenes = SceneClient(
            keepingIn: "", limit: 0, timeout: .zero, note: { _ in }, send: { _ in })
        context = try WorkerContext(
            welcome, cache: "", scenes: scenes, streams: false,
            numerics: Numerics.fingerprint(), note: { _ in })
    }

    /// The actions of a worker that is leased micro-shard 0 of step 0.
    private var actions: [WorkerMachine.Action] {
        var machine = context.machine
        for (index, values) in (learner.buckets + [learner.flatStatistics]).enumerated() {
            _ = machine.handle(.bucket(version: 0, index: index, values))
        }
        return machine.handle(
            .lease(
                Lease(
                    step: 0, nodes: [TreeNode(shard: 0)],
                    shards: [.init(shard: 0, samples: [.init(sample: 0, place: 0)])])))
    }

    @Test("a blocked job leaves the progress unchanged while heartbeats continue")
    func blockedJobLeavesProgressUnchanged() throws {
        let pool = ComputePool(threads: 1)
        defer { pool.close() }
        let results = Mutex<[JobResult]>([])
        let posted = DispatchSemaphore(value: 0)
        let executor = context.executor(on: pool) { result in
            results.withLock { $0.append(result) }
            posted.signal()
        }
        let run = ComputeRun(
            machine: context.machine, shards: context.shards, wire: context.wire,
            statistics: context.context.statistics
        ) { _ in executor }
        let link = try SessionLink(
            ComputeHandler(threads: 1) { _, _, completion in completion(.success(run)) })
        _ = try link.takeSent()
        try link.tell(welcome)

        // The only thread hangs in a job, and a micro-shard waits behind it.
        let (begun, gate) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        pool.submit {
            begun.signal()
            gate.wait()
        }
        begun.wait()
        for action in actions { #expect(executor.execute(action)) }
        _ = try link.takeSent()
        var beats: [Heartbeat] = []
        for _ in 0..<20 {
            try link.advance(by: .milliseconds(250))
            try link.tell(HeartbeatReply())
            beats += try link.takeHeartbeats()
        }
        #expect(beats.count == 20, "the session is alive")
        #expect(Set(beats.map(\.progress)) == [0], "the computation is not")

        gate.signal()
        #expect(posted.wait(timeout: .now() + 60) == .success)
        guard case .event(.forwarded(_, _, _, let parts))? = results.withLock({ $0.first }) else {
            Issue.record("the executor posted \(results.withLock { $0 })")
            return
        }
        #expect(executor.execute(.resume(step: 0, shards: [0], parts.map { Totals($0) })))
        for _ in 0...learner.buckets.count {
            #expect(posted.wait(timeout: .now() + 60) == .success)
        }
        try link.advance(by: .milliseconds(250))
        let last = try #require(try link.takeHeartbeats().last)
        // The clouds are prepared, the student's forward pass and each bucket of the backward pass
        // are done.
        #expect(last.progress >= 2 + UInt64(learner.buckets.count))
    }
}
