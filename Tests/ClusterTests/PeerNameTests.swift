import Cluster
import ClusterTesting
import Messages
import Testing
import ZeroMQ

/// A worker chooses its name; its key and the length of the name it does not choose.
@Suite(.serialized) struct PeerNameTests {
    private func joined(_ progress: LiveCoordinator.Progress) -> String? {
        progress.events.lazy.compactMap {
            if case .joined(_, let name, _, _) = $0 { name } else { nil }
        }.first
    }

    @Test("the log names a worker's key, and cuts off a long name")
    func keyIsNamed() throws {
        let (own, worker) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        var list = AllowList()
        list.insert(worker.publicKey, name: "alice")
        let coordinator = try LiveCoordinator(steps: 1) { [list] settings in
            settings.listener.keys = (own, list)
        }
        let client = try Intruder(
            at: coordinator.endpoint, security: .curveClient(worker, server: own.publicKey))
        try client.join(name: "bob" + String(repeating: "e\u{301}", count: 80))
        try coordinator.waits(for: "worker") { joined($0) != nil }
        let name = try #require(joined(coordinator.progress))
        #expect(name.hasPrefix("nowhere/bob") && name.hasSuffix("…, key alice"))
        #expect(name.utf8.count <= "nowhere/".utf8.count + 64 + ", key alice".utf8.count)
        coordinator.stop()
    }
}
