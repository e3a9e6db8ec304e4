import Foundation
import Messages
import Testing
import ZeroMQ

/// Peers that a coordinator rejects, and addresses at which it does not listen.
@Suite struct RejectedPeerTests {
    private let folder: Folder

    init() throws {
        folder = try Folder()
        try folder.write(try SharedFixture.open().alone(steps: 2).yaml, to: "recipe.yaml")
    }

    /// A peer that sends arbitrary messages.
    private final class RawPeer {
        private let context: Context
        private let socket: Socket

        init(at address: String) throws {
            context = try Context()
            socket = try Socket(.dealer, in: context)
            try socket.connect(to: Endpoint(address))
        }

        /// Sends a message and returns the response.
        func request(
            _ message: any Message, run: RunID = .none, epoch: UInt64 = 0, version: UInt8? = nil
        ) throws -> (envelope: Envelope, message: any Message) {
            var (envelope, body) = try message.encode(run: run, epoch: epoch)
            if let version { envelope[4] = version }
            try socket.send([Frame(envelope), Frame(body)])
            return try receive()
        }

        /// The next received message.
        func receive() throws -> (envelope: Envelope, message: any Message) {
            guard let answer = try socket.receive(within: .seconds(20)) else {
                throw TestError("No response was received.")
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

    @Test func rejectionOfProtocolVersionNamesBothVersions() throws {
        let cluster = try Cluster(in: folder)
        let peer = try RawPeer(at: cluster.address)
        let (_, answer) = try peer.request(hello, version: 9)
        guard let refusal = answer as? Refusal else {
            Issue.record("The response was \(answer)")
            return
        }
        #expect(refusal.reason.contains("version 9"))
        #expect(refusal.reason.contains("version \(Envelope.protocolVersion)"))
        try cluster.coordinator.waitForMessage("protocol version 9")
        try end(cluster)
    }

    @Test func workerOfAnotherRunMustReconnect() throws {
        let cluster = try Cluster(in: folder)
        let peer = try RawPeer(at: cluster.address)
        let (envelope, _) = try peer.request(
            Heartbeat(progress: 1, phase: 1), run: .random(), epoch: 1)
        #expect(envelope.kind == HeartbeatReply.kind)
        #expect(envelope.run != .none)
        try cluster.coordinator.waitForMessage("another run or an earlier coordinator")
        // The right run with the epoch of an earlier coordinator.
        let (again, _) = try peer.request(
            Heartbeat(progress: 1, phase: 1), run: envelope.run,
            epoch: envelope.epoch - 1)
        #expect(again.epoch == envelope.epoch)
        try end(cluster)
    }

    @Test func lostWorkerMustReconnect() throws {
        let cluster = try Cluster(in: folder, "--heartbeat-timeout", "0.3")
        let peer = try RawPeer(at: cluster.address)
        let (envelope, answer) = try peer.request(hello)
        guard answer is Welcome else {
            Issue.record("The response was \(answer)")
            return
        }
        try cluster.coordinator.waitForMessage("is gone: nothing was heard of it")
        let beat = Heartbeat(progress: 1, phase: 0)
        var reply = try peer.request(beat, run: envelope.run, epoch: envelope.epoch)
        // Messages sent before the loss may still arrive.
        while reply.envelope.run == envelope.run { reply = try peer.receive() }
        #expect(reply.envelope.run == .none)
        try end(cluster)
    }

    @Test func workerWithOtherNumericsIsRejected() throws {
        let cluster = try Cluster(in: folder, minimumWorkers: 2)
        try cluster.join()
        try cluster.coordinator.waitForMessage("joins")
        let peer = try RawPeer(at: cluster.address)
        guard let refusal = try peer.request(hello).message as? Refusal else {
            Issue.record("Other numerics were admitted")
            return
        }
        #expect(refusal.reason.contains("computes other bits than this run"))
        #expect(refusal.reason.contains("install the same version"))
        #expect(refusal.reason.contains("--numerics warn"))
        try end(cluster)
    }

    @Test func publicAddressRequiresKeysOrInsecureFlag() throws {
        let open = [
            "coordinator", "--recipe", "recipe.yaml", "--run", "run", "--bind", "tcp://0.0.0.0:*",
        ]
        expectOneSentence(
            try Denju.run(open, in: folder), saying: ["0.0.0.0", "CURVE", "--insecure"])
        #expect(try folder.names() == ["recipe.yaml"])
        let coordinator = try Denju.start(open + ["--insecure"], in: folder)
        try coordinator.waitForMessage("coordinator at")
        coordinator.kill(2)
        #expect(try coordinator.outcome().status == 75)
    }

    @Test func portInUseIsReported() throws {
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

    @Test func workerWithoutCoordinatorEndsAfterTimeout() throws {
        expectLastSentence(
            try Denju.run(
                [
                    "worker", "--connect", "tcp://127.0.0.1:1", "--patience", "0.3", "--cache",
                    "cache",
                ], in: folder),
            saying: ["tcp://127.0.0.1:1", "was absent"])
    }
}
