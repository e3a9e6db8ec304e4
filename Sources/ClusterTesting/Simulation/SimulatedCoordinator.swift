import Cluster
import Synchronization
import Training
import ZeroMQ

/// Coordinator process of a simulated cluster.
final class SimulatedCoordinator {
    /// Counts of the steps that a coordinator completed.
    private final class Tally: Sendable {
        let counts = Mutex(CoordinatorMachine.StepCounts())
    }

    let link: SimulatedLink
    let run: SyntheticRun
    private let crash: CrashPoint
    private let transport: CrashingTransport
    private let driver: CoordinatorDriver
    private let tally = Tally()

    init(
        _ plan: SyntheticPlan, _ disk: SyntheticRun.Disk, _ source: FaultSource,
        _ faults: SimulatedCluster.Faults, _ clock: MonotonicClock
    ) {
        link = SimulatedLink(InMemoryNetwork(), of: nil)
        crash = CrashPoint(source, probability: faults.restarted)
        run = SyntheticRun(plan, on: disk)
        transport = CrashingTransport(link.network.server, crash)
        driver = CoordinatorDriver(
            CrashingRun(run, crash), over: transport, assets: AssetService(),
            CoordinatorDriver.Settings(
                address: link.network.server.endpoint, canary: "\(SimulatedNode.canary)"),
            clock: clock
        ) { [tally] event in
            guard case .step(let summary) = event else { return }
            tally.counts.withLock {
                $0.duplicates += summary.counts.duplicates
                $0.reissued += summary.counts.reissued
                $0.contradictions += summary.counts.contradictions
            }
        }
        driver.begin()
    }

    var hasCrashed: Bool { crash.hasCrashed }

    var hasEnded: Bool { !crash.hasCrashed && driver.ending != nil }

    /// Handles what has arrived and what has become due.
    func turn() {
        do {
            try driver.turn()
            if driver.ending != nil { try driver.close() }
        } catch { preconditionFailure("\(error)") }
    }

    /// Adds the counts of its steps to a run's outcome.
    func addCounts(to outcome: inout SimulatedCluster.Outcome) {
        let counts = tally.counts.withLock { $0 }
        outcome.duplicates += counts.duplicates
        outcome.reissued += counts.reissued
        outcome.contradictions += counts.contradictions
        outcome.gradients += transport.gradients
    }
}
