import Cluster
import ClusterTesting
import Messages
import Testing
import Training

/// A worker's session, turn by turn, over a network in memory with a clock moved by hand.
@Suite struct WorkerSessionTests {
    /// An executor without threads, which finishes nothing.
    private final class IdleExecutor: ShardExecuting {
        let progress: UInt64 = 7
        func leaveStandby() {}
        func execute(_ action: WorkerMachine.Action) -> Bool { false }
    }

    private static let run = ComputeRun(
        machine: WorkerMachine(shards: 4, parts: WeightsParts(learning: 1), exchanges: 0),
        shards: 4, wire: .float32, statistics: StatisticsLayout([])
    ) { _ in IdleExecutor() }

    private static let welcome = Welcome(
        workerID: 3, recipe: "", seed: 1, heartbeatTimeoutMilliseconds: 1000,
        teacherDigest: nil, dataDigest: nil,
        studentDigest: Digest([UInt8](repeating: 0, count: 32))!, bucketCount: 1)

    /// A session that was welcomed; its run is open.
    private func welcomedLink() throws -> SessionLink {
        let link = try SessionLink(
            ComputeHandler(threads: 2) { _, _, completion in completion(.success(Self.run)) })
        _ = try link.takeSent()
        try link.tell(Self.welcome)
        return link
    }

    @Test("a session greets, and reports the phases preparing and ready")
    func sessionReportsItsPhases() throws {
        let link = try SessionLink(
            ComputeHandler(threads: 2) { _, _, completion in completion(.success(Self.run)) })
        let first = try link.takeSent()
        guard let hello = first.first as? Hello, first.count == 1 else {
            Issue.record("it sent \(first)")
            return
        }
        #expect(hello.name == "w")
        try link.tell(Self.welcome)
        let beats = try link.takeHeartbeats()
        #expect(beats.map(\.phase) == [WorkerPhase.preparing.rawValue, WorkerPhase.ready.rawValue])
        #expect(beats.map(\.progress) == [0, 7], "the executor's counter")
        #expect(beats.map(\.threads) == [2, 2])
    }

    @Test("a session sends a heartbeat every fifth of the timeout, and no more")
    func heartbeatsFollowTheTimeout() throws {
        let link = try welcomedLink()
        _ = try link.takeSent()
        var beats = 0
        for _ in 0..<20 {
            try link.advance(by: .milliseconds(50))
            try link.tell(HeartbeatReply())
            beats += try link.takeHeartbeats().count
        }
        #expect((3...5).contains(beats), "\(beats) in a timeout")
    }

    @Test("a session ends when the coordinator is silent for longer than the timeout")
    func silenceEndsTheSession() throws {
        let link = try welcomedLink()
        try link.advance(by: .milliseconds(999))
        #expect(link.session.end == nil)
        try link.advance(by: .milliseconds(2))
        #expect(
            link.session.end
                == .lost("the coordinator is silent at the test", wasWelcomed: true))
    }

    @Test("a session that is not answered ends unwelcomed")
    func noAnswerEndsTheSession() throws {
        let link = try SessionLink(ComputeHandler(threads: 1) { _, _, _ in })
        try link.advance(by: .seconds(6))
        #expect(
            link.session.end == .lost("there is no answer at the test", wasWelcomed: false))
    }

    @Test("a message of another epoch ends the session")
    func anotherEpochEndsTheSession() throws {
        let link = try welcomedLink()
        try link.tell(Self.welcome, epoch: 2)
        #expect(link.session.end == .lost("the coordinator was restarted", wasWelcomed: true))
    }

    @Test("a cut connection ends the session")
    func cutConnectionEndsTheSession() throws {
        let link = try welcomedLink()
        link.network.cut(link.client.connection)
        try link.session.turn()
        #expect(
            link.session.end
                == .lost("the connection to the coordinator is gone", wasWelcomed: true))
    }

    @Test("a last message before the connection's end is handled")
    func lastMessageIsHandled() throws {
        let link = try welcomedLink()
        try link.send(Stop(reason: "all steps are done"))
        link.network.deliverAll()
        link.network.cut(link.client.connection)
        try link.session.turn()
        #expect(link.session.end == .over("all steps are done"))
    }

    @Test("a worker that is asked to leave says goodbye")
    func leavingWorkerSaysGoodbye() throws {
        let link = try welcomedLink()
        _ = try link.takeSent()
        link.stop.stop("SIGTERM")
        try link.session.turn()
        guard let goodbye = try link.takeSent().last as? Goodbye else {
            Issue.record("no goodbye")
            return
        }
        #expect(goodbye.reason == "SIGTERM")
        #expect(link.session.end == .left("this worker was asked to leave (SIGTERM)"))
    }

    @Test("a run that cannot be opened is reported to the coordinator and ends the worker")
    func failedOpeningIsReported() throws {
        let link = try SessionLink(
            ComputeHandler(threads: 1) { _, _, completion in
                completion(.failure(WorkerError("There is no folder scans.")))
            })
        _ = try link.takeSent()
        #expect(throws: WorkerError("There is no folder scans.")) {
            try link.tell(Self.welcome)
        }
        guard let failure = try link.takeSent().last as? WorkFailure else {
            Issue.record("the coordinator was not told")
            return
        }
        #expect(failure.reason == "There is no folder scans." && !failure.isDivergence)
    }

    @Test("a worker calls again with growing delays until the timeout has passed")
    func reconnectingDelaysGrow() {
        var policy = ReconnectPolicy(timeout: .seconds(10), at: .zero)
        let delays = (0..<6).map { _ in policy.nextDelay(at: .seconds(9), share: 1) }
        #expect(delays == [0.2, 0.4, 0.8, 1.6, 2, 2])
        #expect(policy.nextDelay(at: .seconds(10), share: 1) == nil)
        policy.wasConnected(at: .seconds(10))
        #expect(policy.nextDelay(at: .seconds(19), share: 0.5) == 0.1)
    }
}
