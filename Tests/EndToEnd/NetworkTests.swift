import Foundation
import Testing

/// A coordinator and its workers on separate hosts, over cables with delay, loss, low rates and
/// interruptions.
@Suite(.serialized, .enabled(if: Network.obstacle == nil, "The reason is printed."))
struct NetworkTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        try folder.write(fixture.distillation.yaml, to: "recipe.yaml")
        for name in ["coordinator", "allowed/w"] {
            _ = try Denju.run(["keys", name], in: folder)
        }
    }

    /// Starts the coordinator on the hub and a worker at the end of each cable.
    private func start(
        _ network: Network, timeout: Int, cables: Int
    ) throws -> (coordinator: Command, workers: [Command]) {
        let coordinator = try Denju.start(
            [
                "coordinator", "--recipe", "recipe.yaml", "--run", "run", "--bind",
                "tcp://0.0.0.0:5555", "--key", "coordinator.key", "--workers", "allowed",
                "--minimum-workers", "\(cables)", "--heartbeat-timeout", "\(timeout)",
            ], in: folder, on: network.hub)
        try coordinator.waitForMessage("coordinator at")
        let workers = try (1...cables).map { cable in
            try Denju.start(
                [
                    "worker", "--connect", "tcp://\(network.address(cable)):5555", "--key",
                    "allowed/w.key", "--server", "coordinator.pub", "--name", "w\(cable)",
                    "--cache", folder("cache-\(cable)"), "--patience", "60",
                ], in: folder, on: network.end(cable))
        }
        return (coordinator, workers)
    }

    private func expectSameBits(_ coordinator: Command, _ workers: [Command]) throws {
        let outcome = try coordinator.outcome()
        #expect(outcome.status == 0, "\(outcome.errors)")
        for worker in workers { #expect(try worker.outcome().status == 0) }
        #expect(try folder.digest(of: "run") == fixture.digest)
        #expect(try folder.steps().map(\.step) == Array(1...30))
    }

    @Test(.enabled(if: Network.obstacleToDelay == nil, "The reason is printed."))
    func digestIsEqualWithDelayAndLoss() throws {
        let network = try Network(cables: [
            .init(delay: "5ms", loss: "1%"), .init(delay: "15ms", loss: "0.5%"),
        ])
        let (coordinator, workers) = try start(network, timeout: 5, cables: 2)
        try expectSameBits(coordinator, workers)
    }

    @Test func digestIsEqualOverLinksOfDifferentRates() throws {
        let network = try Network(cables: [.init(rate: "100mbit"), .init(rate: "1gbit")])
        let (coordinator, workers) = try start(network, timeout: 5, cables: 2)
        try expectSameBits(coordinator, workers)
    }

    /// Both workers are unreachable for longer than the heartbeat timeout and rejoin afterwards.
    @Test func digestIsEqualAfterNetworkPartition() throws {
        let network = try Network(cables: [.init(), .init(rate: "100mbit")])
        let (coordinator, workers) = try start(network, timeout: 1, cables: 2)
        try folder.waitForStep(4)
        for cable in 1...2 { try network.setCable(cable, connected: false) }
        for cable in 1...2 {
            try wait("loss of w\(cable)") {
                coordinator.errorsSoFar.split(separator: "\n").contains {
                    $0.contains("/w\(cable), key w) is gone")
                }
            }
        }
        for cable in 1...2 { try network.setCable(cable, connected: true) }
        try expectSameBits(coordinator, workers)
        #expect(try folder.steps().reduce(0) { $0 + $1.deaths } >= 2)
    }
}
