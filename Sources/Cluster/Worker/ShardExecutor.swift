import Distillation
import Networks
import Synchronization
import Tensors
import Training

/// Computes micro-shards and labels samples on a pool of threads, and posts the results.
///
/// A result depends only on the action that asked for it, never on the thread or on other work.
package final class ShardExecutor: ShardExecuting, Sendable {
    private typealias Key = Prefetcher.Key

    /// A computation that waits for totals between its halves.
    ///
    // Unchecked: a computation is not thread-safe. Only the thread that removes it from the table
    // uses it.
    private struct PausedShard: @unchecked Sendable {
        let computation: ShardComputation
        let since: ContinuousClock.Instant
    }

    private struct State {
        var step = -1
        var paused: [Key: PausedShard] = [:]
    }

    private let context: ShardContext
    private let validation: ExampleLoader
    private let exchanges: Int
    private let pool: ComputePool
    private let weights: WeightsCache
    private let prefetcher: Prefetcher
    private let rehearsal: Rehearsal
    private let counter: ProgressCounter
    private let state = Mutex(State())
    private let post: @Sendable (JobResult) -> Void

    /// An executor of a run.
    ///
    /// - Parameters:
    ///   - validation: the source of the samples to label.
    ///   - post: receives results, on the compute threads.
    init(
        context: ShardContext, training: ExampleLoader, validation: ExampleLoader, order: DataOrder,
        steps: Int, pool: ComputePool, post: @escaping @Sendable (JobResult) -> Void
    ) {
        let counter = ProgressCounter()
        let weights = WeightsCache(context.parameters)
        self.context = context
        self.validation = validation
        self.pool = pool
        self.weights = weights
        self.counter = counter
        self.post = post
        exchanges = context.objectives.exchanges
        rehearsal = Rehearsal(context, weights: weights)
        prefetcher = Prefetcher(
            context, loader: training, order: order, steps: steps, pool: pool, progress: counter)
    }

    package var progress: UInt64 { counter.value }

    package func leaveStandby() { prefetcher.leaveStandby() }

    package func execute(_ action: WorkerMachine.Action) -> Bool {
        switch action {
        case .compute(let step, let shard, let version):
            prefetcher.requestClouds(of: shard, step: step)
            submit { try $0.forward(step, shard, version) }
        case .rehearse(let step, let shards, let version):
            for shard in shards { prefetcher.prefetch(after: step, inPlaceOf: shard) }
            guard let first = shards.first else { break }
            rehearse(Key(step: step + 1, shard: first.shard), version)
        case .respond(let step, let shards, let totals):
            for shard in shards { submit { try $0.respond(step, shard, totals) } }
        case .resume(let step, let shards, let totals):
            for shard in shards { submit { try $0.backward(step, shard, totals) } }
        case .label(let sample, let version):
            validation.prefetch([sample])
            submit { try $0.label(sample, version) }
        case .forget(let step):
            prefetcher.forget(before: step)
            state.withLock { state in
                state.step = step
                state.paused = state.paused.filter { $0.key.step >= step }
            }
        case .sendContribution, .sendPartial, .sendReport, .sendEvaluated: return false
        }
        return true
    }

    private func submit(_ job: @escaping @Sendable (ShardExecutor) throws -> Void) {
        pool.submit { [self] in attempt { try job(self) } }
    }

    private func attempt(_ job: () throws -> Void) {
        do {
            try job()
        } catch let error as Divergence {
            post(.divergence("\(error)"))
        } catch {
            post(.failure("\(error)"))
        }
    }

    private func isCurrent(_ step: Int) -> Bool { state.withLock { $0.step == step } }

    // MARK: Forward

    private func forward(_ step: Int, _ shard: Lease.Shard, _ version: WeightsVersion) throws {
        guard isCurrent(step) else { return }
        let answer = prefetcher.take(Key(step: step, shard: shard.shard)) { [self] preparation in
            attempt { try forward(step, shard, version, preparation) }
        }
        switch answer {
        case .underWay: return
        case .ready(let preparation): try forward(step, shard, version, preparation)
        case .absent: try forward(step, shard, version, nil)
        }
    }

    private func forward(
        _ step: Int, _ shard: Lease.Shard, _ version: WeightsVersion,
        _ preparation: ShardPreparation?
    ) throws {
        let computation = ShardComputation(
            context, weights: weights.stepWeights(of: version), step: step,
            preparation: try preparation ?? prefetcher.prepare(shard.samples, step: step))
        counter.advance()
        if exchanges > 0 {
            let parts = try computation.contributions()
            try check(parts, step, shard.shard)
            pause(computation, step, shard.shard)
            post(.event(.forwarded(step: step, shard: shard.shard, round: 0, parts)))
        } else {
            try finish(computation, step, shard.shard, [])
        }
        prefetcher.prefetch(after: step, inPlaceOf: shard)
    }

    // MARK: Totals

    private func respond(_ step: Int, _ shard: Int, _ totals: [Totals]) throws {
        guard let computation = resume(step, shard) else { return }
        let parts = try computation.responses(to: totals)
        try check(parts, step, shard)
        pause(computation, step, shard)
        post(.event(.forwarded(step: step, shard: shard, round: 1, parts)))
    }

    // Reported here, where step and micro-shard are known: the coordinator would only see a result that
    // cannot be used.
    private func check(_ parts: [Contribution], _ step: Int, _ shard: Int) throws {
        guard parts.allSatisfy(\.isFinite) else {
            throw Divergence(
                "A statistic of the outputs of micro-shard \(shard) at step \(step + 1) is not finite"
            )
        }
    }

    private func pause(_ computation: ShardComputation, _ step: Int, _ shard: Int) {
        let paused = PausedShard(computation: computation, since: .now)
        state.withLock { $0.paused[Key(step: step, shard: shard)] = paused }
        counter.advance()
    }

    /// Removes a paused computation; nil if its step is over.
    private func resume(_ step: Int, _ shard: Int) -> ShardComputation? {
        let key = Key(step: step, shard: shard)
        guard let paused = state.withLock({ $0.paused.removeValue(forKey: key) }) else {
            return nil
        }
        paused.computation.times[.exchange] += ContinuousClock.now - paused.since
        return paused.computation
    }

    // MARK: Backward

    private func backward(_ step: Int, _ shard: Int, _ totals: [Totals]) throws {
        guard let computation = resume(step, shard) else { return }
        try finish(computation, step, shard, totals)
    }

    private func finish(
        _ computation: ShardComputation, _ step: Int, _ shard: Int, _ totals: [Totals]
    ) throws {
        // Each bucket leaves as soon as it is complete, so that sending overlaps the backward pass.
        var isFinite = true
        let report = try computation.backward(given: totals) { [post, counter] bucket, gradient in
            counter.advance()
            isFinite = isFinite && gradient.isFinite
            guard isFinite else { return }
            post(.event(.gradient(step: step, shard: shard, bucket: bucket, gradient)))
        }
        guard report.loss.isFinite, isFinite else {
            let number = report.loss.isFinite ? "gradient" : "loss"
            throw Divergence(
                "The \(number) of micro-shard \(shard) at step \(step + 1) is not finite")
        }
        post(.event(.finished(step: step, shard: shard, report)))
        rehearsal.finish()
    }

    // MARK: Other jobs

    private func label(_ sample: Int, _ version: WeightsVersion) throws {
        let labeller = Labeller(
            network: context.student, weights: weights.labellingWeights(of: version),
            loader: validation)
        let matrix = try labeller.confusion(of: sample)
        counter.advance()
        post(.event(.evaluated(version: version.version, sample: sample, matrix)))
    }

    private func rehearse(_ key: Key, _ version: WeightsVersion) {
        pool.submitIdle(order: key.step) { [self] in
            guard let preparation = prefetcher.preparation(of: key) else { return }
            // Errors are dropped here: a step that needs the micro-shard reports them.
            try? rehearsal.run(preparation, step: key.step, version: version) {
                !rehearsal.isFinished && state.withLock { $0.step < key.step }
            }
        }
    }
}
