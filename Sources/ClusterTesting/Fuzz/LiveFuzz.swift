import Cluster
import Messages
import Telemetry
import ZeroMQ

/// Sends damaged messages to a real coordinator that serves a sound worker meanwhile: the run's bits
/// must be those of an undisturbed run.
///
/// Half of the messages come from a client that the coordinator has admitted and leased work, the
/// others from one that is not admitted.
package struct LiveFuzz {
    /// Result of sending damaged messages.
    package struct Outcome: Sendable {
        /// Damaged messages that were sent.
        package var frames = 0
        /// Admissions of the client as a worker.
        package var admissions = 0
        /// Steps that the coordinator completed meanwhile.
        package var steps = 0
        /// Bytes by which the process grew.
        package var growth = 0
    }

    /// The steps of the run, which is stopped once every message is sent.
    private static let steps = 1_000_000

    private let seed: UInt64
    private let secured: Bool

    /// Messages damaged according to a seed, over open loopback or with CURVE.
    package init(seed: UInt64, secured: Bool) {
        self.seed = seed
        self.secured = secured
    }

    /// Sends the messages of a range.
    ///
    /// Throws ``FuzzFinding`` if the coordinator stops serving, changes a bit, or grows by more
    /// than `memory` bytes.
    package func send(
        _ numbers: Range<UInt64>, memory: Int, progress: (UInt64) -> Void = { _ in }
    ) throws -> Outcome {
        let keys =
            secured
            ? (
                own: try CurveKeyPair.generate(), worker: try CurveKeyPair.generate(),
                other: try CurveKeyPair.generate()
            ) : nil
        let coordinator = try LiveCoordinator(steps: Self.steps, seed: seed) { settings in
            settings.heartbeatTimeout = .seconds(10)
            // The limit of messages would close the connections before most damage is read.
            settings.listener.limits.unasked = 1 << 40
            settings.listener.limits.admissions = 1 << 40
            // Nor would it be leased work that the damaged results are of.
            settings.listener.limits.probation = 0
            settings.listener.keys = keys.map {
                ($0.own, AllowList([$0.worker.publicKey, $0.other.publicKey]))
            }
        }
        func security(_ pair: CurveKeyPair?) -> Security {
            guard let pair, let keys else { return .none }
            return .curveClient(pair, server: keys.own.publicKey)
        }
        let worker = try LiveWorker(at: coordinator.endpoint, security: security(keys?.worker))
        defer { worker.stop() }
        try coordinator.waits(for: "first step") { $0.steps > 0 }

        var outcome = Outcome()
        let before = (
            MemoryUse.ofThisProcess(buffers: 0).peakBytes, coordinator.progress.steps
        )
        let insider = try Intruder(at: coordinator.endpoint, security: security(keys?.other))
        let outsider = try Intruder(at: coordinator.endpoint, security: security(keys?.other))
        var mutator: Mutator?
        for number in numbers {
            progress(number)
            // A damaged message usually costs the client its admission.
            if number % 4 == 0 || mutator == nil {
                do {
                    try insider.rejoin()
                } catch {
                    throw FuzzFinding(
                        number, "or one shortly before it silenced the coordinator: \(error)")
                }
                outcome.admissions += 1
                // Steps continue meanwhile, and results of past steps are dropped unread.
                if number % 32 == 0 || mutator == nil {
                    mutator = try self.mutator(insider, step: coordinator.progress.steps)
                }
            }
            let peer = number % 2 == 0 ? insider : outsider
            if try peer.send(mutator!.frames(number)) { outcome.frames += 1 }
            // Answers that nothing receives would fill its queue.
            while try outsider.receive(within: .zero) != nil {}
            guard number % 1024 == 0 else { continue }
            outcome.growth = MemoryUse.ofThisProcess(buffers: 0).peakBytes - before.0
            guard outcome.growth <= memory else {
                throw FuzzFinding(
                    number, "or one shortly before it took \(outcome.growth >> 20) MiB")
            }
        }
        let reached = coordinator.progress.steps
        do {
            try coordinator.waits(for: "step after the attack") { $0.steps > reached + 2 }
        } catch {
            throw FuzzFinding(numbers.upperBound, "or one before it stopped the run: \(error)")
        }
        coordinator.stop()
        let end = try coordinator.outcome()
        outcome.steps = end.steps - before.1
        outcome.growth = MemoryUse.ofThisProcess(buffers: 0).peakBytes - before.0
        let undisturbed = try LiveCoordinator.undisturbedDigest(
            steps: Self.steps, stopAfter: end.steps, seed: seed)
        guard undisturbed == end.digest else {
            throw FuzzFinding(numbers.upperBound, "or one before it changed the run's bits")
        }
        return outcome
    }

    /// Damages messages of the current run, of a step about to come.
    private func mutator(_ insider: Intruder, step: Int) throws -> Mutator {
        let node = insider.lease?.nodes.first ?? TreeNode(level: 0, index: 0)
        let step = insider.lease?.step ?? UInt64(step)
        return Mutator(
            seed: seed,
            corpus: try Corpus.frames(
                run: insider.session.run, epoch: insider.session.epoch, step: step, node: node,
                floats: 4096))
    }
}
