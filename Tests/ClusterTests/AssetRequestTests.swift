import Cluster
import ClusterTesting
import Messages
import Testing
import ZeroMQ

/// Workers that request more than they take.
@Suite struct AssetRequestTests {
    private static let plan = SyntheticPlan(steps: 6, shards: 4, exchanges: 1)
    private static let digest = Digest([UInt8](repeating: 5, count: 32))!

    private let cluster: InMemoryCluster
    private let client: Intruder
    private let connection: Connection

    init() throws {
        let cluster = InMemoryCluster(
            Self.plan,
            assets: AssetService(
                teacher: [UInt8](repeating: 7, count: 3 << 20), digest: Self.digest))
        try cluster.join()
        let transport = cluster.network.connect()
        connection = transport.connection
        client = Intruder(over: transport) { _ in try cluster.turn() }
        self.cluster = cluster
        try client.join()
        try cluster.turn(until: { cluster.run.version == 1 })
    }

    private func request(_ length: UInt32) throws {
        try client.send(AssetRequest(digest: Self.digest, offset: 0, length: length))
    }

    private func losses() -> [LossReason] {
        cluster.clusterEvents.compactMap {
            if case .lost(_, "nowhere/intruder", let reason, _) = $0 { reason } else { nil }
        }
    }

    @Test("a worker that requests pieces and receives none is disconnected, and its answers freed")
    func requestingWithoutReceivingIsCutOff() throws {
        cluster.unread = [connection]
        var sent = 0
        while cluster.network.isOpen(connection), sent < 400 {
            try request(64 << 20)
            sent += 1
            try cluster.turn()
        }
        #expect(losses() == [.notReceiving])
        // 64 MiB in pieces of 1 MiB, whatever length was requested.
        #expect((60...70).contains(sent), "\(sent)")
        #expect(!cluster.network.messages.contains { $0.connection == connection })
        try cluster.finish()
    }

    @Test("a worker that receives what it requests may request a file many times")
    func requestingAndReceivingContinues() throws {
        for _ in 0..<400 {
            try request(1 << 20)
            while let message = try client.receive(within: .milliseconds(20)) {
                if let part = message as? AssetPart {
                    #expect(part.total == 3 << 20)
                    break
                }
            }
        }
        #expect(losses().isEmpty && cluster.network.isOpen(connection))
    }
}
