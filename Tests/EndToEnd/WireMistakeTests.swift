import Foundation
import Messages
import Testing
import ZeroMQ

/// What a coordinator says to those who cannot take part, and where it does not listen.
@Suite struct WireMistakeTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
        try folder.write(try Workshop.open().alone(steps: 2).yaml, to: "recipe.yaml")
    }

    /// A peer that speaks bytes of its own choice.
    private final class Stranger {
        private let context: Context
        private let socket: Socket

        init(at address: String) throws {
            context = try Context()
            socket = try Socket(.dealer, in: context)
            try socket.connect(to: Endpoint(address))
        }

        /// Says something and returns the answer.
        func asks(
            _ message: any Message, run: RunID = .none, epoch: UInt64 = 0, version: UInt8? = nil
        ) throws -> (envelope: Envelope, message: any Message) {
            var (envelope, body) = try message.encode(run: run, epoch: epoch)
            if let version { envelope[4] = version }
            try socket.send([Frame(envelope), Frame(body)])
            return try hears()
        }

        /// The next thing it is told.
        func hears() throws -> (envelope: Envelope, message: any Message) {
            guard let answer = try socket.receive(within: .seconds(20)) else {
                throw Impatience("Nobody answered.")
            }
            return try MessageCatalogue.decode(
                envelope: answer.frames[0].bytes, body: answer.frames[1].bytes,
                payloadSizes: answer.frames.dropFirst(2).map(\.count))
        }
    }

    private var hello: any Message {
        Hello(
            toolVersion: "0", name: "stranger", threads: 1, hostName: "nowhere",
            blasCore: "Abacus",
            canary: Digest([UInt8](repeating: 7, count: 32))!)
    }

    private func end(_ cluster: Cluster) throws {
        cluster.coordinator.kill(15)  // SIGTERM
        #expect(try cluster.outcome().status == 75)
    }

    @Test func anotherProtocolVersionIsRefusedByBothNumbers() throws {
        let cluster = try Cluster(in: folder)
        let stranger = try Stranger(at: cluster.address)
        let (_, answer) = try stranger.asks(hello, version: 9)
        guard let refusal = answer as? Refusal else {
            Issue.record("It was answered \(answer)")
            return
        }
        #expect(refusal.reason.contains("version 9"))
        #expect(refusal.reason.contains("version \(Envelope.protocolVersion)"))
        try cluster.coordinator.waits(for: "protocol version 9")
        try end(cluster)
    }

    @Test func aWorkerOfAnotherRunIsSentToCallAnew() throws {
        let cluster = try Cluster(in: folder)
        let stranger = try Stranger(at: cluster.address)
        let (envelope, _) = try stranger.asks(
            Heartbeat(progress: 1, phase: 1), run: .random(), epoch: 1)
        #expect(envelope.kind == HeartbeatReply.kind)
        #expect(envelope.run != .none)
        try cluster.coordinator.waits(for: "another run or an earlier coordinator")
        // The right run, but a life of its coordinator that is over.
        let (again, _) = try stranger.asks(
            Heartbeat(progress: 1, phase: 1), run: envelope.run,
            epoch: envelope.epoch - 1)
        #expect(again.epoch == envelope.epoch)
        try end(cluster)
    }

    @Test func whoWasTakenForDeadIsSentToCallAnew() throws {
        let cluster = try Cluster(in: folder, "--heartbeat-timeout", "0.3")
        let stranger = try Stranger(at: cluster.address)
        let (envelope, answer) = try stranger.asks(hello)
        guard answer is Welcome else {
            Issue.record("It was answered \(answer)")
            return
        }
        try cluster.coordinator.waits(for: "is gone: nothing was heard of it")
        let beat = Heartbeat(progress: 1, phase: 0)
        var reply = try stranger.asks(beat, run: envelope.run, epoch: envelope.epoch)
        // What it was told before it was given up may still be on its way.
        while reply.envelope.run == envelope.run { reply = try stranger.hears() }
        #expect(reply.envelope.run == .none)
        try end(cluster)
    }

    @Test func othersThanTheFirstMustComputeItsBits() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        try cluster.join()
        try cluster.coordinator.waits(for: "joins")
        let stranger = try Stranger(at: cluster.address)
        guard let refusal = try stranger.asks(hello).message as? Refusal else {
            Issue.record("A stranger's numbers were let in")
            return
        }
        #expect(refusal.reason.contains("Abacus"))
        #expect(refusal.reason.contains("OPENBLAS_CORETYPE"))
        try end(cluster)
    }

    @Test func openDoorsNeedKeysOrAWord() throws {
        let open = [
            "coordinator", "--recipe", "recipe.yaml", "--run", "run", "--bind", "tcp://0.0.0.0:*",
        ]
        expectOneSentence(
            try Denju.run(open, in: folder), saying: ["0.0.0.0", "CURVE", "--insecure"])
        #expect(try folder.names() == ["recipe.yaml"])
        let coordinator = try Denju.start(open + ["--insecure"], in: folder)
        try coordinator.waits(for: "coordinator at")
        coordinator.kill(2)
        #expect(try coordinator.outcome().status == 75)
    }

    @Test func aPortInUseIsSaid() throws {
        let cluster = try Cluster(in: folder)
        expectOneSentence(
            try Denju.run(
                [
                    "coordinator", "--recipe", "recipe.yaml", "--run", "other", "--bind",
                    cluster.address,
                ], in: folder), saying: [cluster.address])
        #expect(!folder.has("other"))
        try end(cluster)
    }

    @Test func aWorkerWithoutACoordinatorGivesUp() throws {
        expectLastSentence(
            try Denju.run(
                [
                    "worker", "--connect", "tcp://127.0.0.1:1", "--patience", "0.3", "--cache",
                    "cache",
                ], in: folder),
            saying: ["tcp://127.0.0.1:1", "was not there"])
    }
}
