import Cluster
import Messages
import Telemetry
import ZeroMQ

/// A real coordinator with one sound worker and a hostile one of every kind, all with allowed keys: the
/// run's bits must be those of an undisturbed run.
package struct HostileTrial {
    /// Result of a trial.
    package struct Outcome: Sendable {
        /// Steps that the coordinator completed.
        package var steps = 0
        /// Admissions of hostile workers.
        package var admissions = 0
        /// Losses of hostile workers.
        package var losses = 0
        /// Bytes by which the process grew.
        package var growth = 0
    }

    private let seed: UInt64

    /// A trial of a run with a seed.
    package init(seed: UInt64) { self.seed = seed }

    /// Runs for so many steps.
    ///
    /// Throws ``FuzzFinding`` if the run ends otherwise, changes a bit, loses the sound worker, or
    /// grows by more than `memory` bytes.
    package func run(
        steps: Int, memory: Int, progress: (UInt64) -> Void = { _ in }
    ) throws -> Outcome {
        let own = try CurveKeyPair.generate()
        let sound = try CurveKeyPair.generate()
        let kinds = HostileWorker.Behaviour.allCases
        let keys = try kinds.map { _ in try CurveKeyPair.generate() }
        let before = MemoryUse.ofThisProcess(buffers: 0).peakBytes
        let coordinator = try LiveCoordinator(steps: steps, seed: seed) { settings in
            settings.heartbeatTimeout = .seconds(1)
            settings.listener.keys = (
                own, AllowList([sound.publicKey] + keys.map(\.publicKey))
            )
        }
        let worker = try LiveWorker(
            at: coordinator.endpoint,
            security: .curveClient(sound, server: own.publicKey))
        defer { worker.stop() }
        // A worker that complains while it is the only one ends the run, as it should.
        try coordinator.waits(for: "first step") { $0.steps > 0 }
        let origin = ContinuousClock.now
        let hostile = zip(kinds, keys).map { kind, key in
            HostileWorker(
                kind, lengths: .init(counts: [1, 1], bucket: 1), heartbeat: .milliseconds(200)
            ) {
                try Intruder(
                    at: coordinator.endpoint, security: .curveClient(key, server: own.publicKey))
            }
        }
        while coordinator.progress.outcome == nil {
            for worker in hostile { try worker.turn(at: ContinuousClock.now - origin) }
            progress(UInt64(coordinator.progress.steps))
            coordinator.waitForEvent(upTo: .milliseconds(5))
        }
        return try outcome(of: coordinator, hostile, before: before, memory: memory)
    }

    private func outcome(
        of coordinator: LiveCoordinator, _ hostile: [HostileWorker], before: Int, memory: Int
    ) throws -> Outcome {
        var outcome = Outcome()
        let end: (digest: UInt64, steps: Int)
        do { end = try coordinator.outcome() } catch {
            throw FuzzFinding(0, "hostile workers ended the run: \(error)")
        }
        outcome.steps = end.steps
        outcome.admissions = hostile.reduce(0) { $0 + $1.admissions }
        for case .lost(_, let name, let reason, _) in coordinator.progress.events {
            guard name.hasPrefix("nowhere/") else {
                throw FuzzFinding(0, "hostile workers cost the run the sound worker: \(reason)")
            }
            outcome.losses += 1
        }
        outcome.growth = MemoryUse.ofThisProcess(buffers: 0).peakBytes - before
        guard outcome.growth <= memory else {
            throw FuzzFinding(0, "hostile workers took \(outcome.growth >> 20) MiB")
        }
        let undisturbed = try LiveCoordinator.undisturbedDigest(steps: end.steps, seed: seed)
        guard undisturbed == end.digest else {
            throw FuzzFinding(0, "hostile workers changed the run's bits")
        }
        return outcome
    }
}
