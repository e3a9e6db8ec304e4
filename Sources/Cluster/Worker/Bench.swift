import Distillation
import Networks
import Synchronization
import Tensors
import Training

/// A worker's hands: computes micro-shards and labels samples on a pool of threads, and posts what
/// comes of it.
///
/// What it computes depends on what it is given alone.
final class Bench: Sendable {
    /// What comes of a job.
    enum Outcome: Sendable {
        case event(WorkerMachine.Event)
        case failure(String)
    }

    private struct Key: Hashable {
        let step: Int
        let shard: Int
    }

    /// A computation between its halves.
    ///
    /// One thread has it at a time: the one that takes it out.
    private struct Paused: @unchecked Sendable {
        let computation: ShardComputation
        let since: ContinuousClock.Instant
    }

    /// A cloud that the next step will probably ask for, and what it took to read it.
    private struct Prefetched {
        let step: Int
        let example: Example
        let duration: Duration
    }

    private struct Shelf {
        var step = -1
        var paused: [Key: Paused] = [:]
        var weights: (version: Int, weights: Weights)?
        var prefetched: [Int: Prefetched] = [:]
    }

    private let lectern: Lectern
    /// How what normalisations saw travels.
    var statistics: StatisticsLayout { lectern.statistics }
    private let training: ExampleLoader
    private let validation: ExampleLoader
    private let exchange: Bool
    private let order: DataOrder
    private let shelf = Mutex(Shelf())
    private let pool: ComputePool
    private let post: @Sendable (Outcome) -> Void

    init(
        lectern: Lectern, training: ExampleLoader, validation: ExampleLoader, order: DataOrder,
        pool: ComputePool, post: @escaping @Sendable (Outcome) -> Void
    ) {
        self.lectern = lectern
        self.training = training
        self.validation = validation
        self.order = order
        exchange = lectern.objectives.requiresExchange
        self.pool = pool
        self.post = post
    }

    /// Carries out what the machine wants computed; false for actions that are not the bench's.
    func carryOut(_ action: WorkerMachine.Action) -> Bool {
        switch action {
        case .compute(let step, let shard, let weights):
            pool.submit { [self] in attempt { try forward(step, shard, weights) } }
        case .resume(let step, let shards, let totals):
            for shard in shards {
                pool.submit { [self] in attempt { try backward(step, shard, totals) } }
            }
        case .label(let sample, let weights):
            pool.submit { [self] in
                attempt {
                    let labeller = Labeller(
                        network: lectern.student, weights: values(of: weights), loader: validation)
                    let matrix = try labeller.confusion(of: sample)
                    self.post(
                        .event(
                            .evaluated(version: weights.version, sample: sample, matrix)))
                }
            }
        case .forget(let step):
            shelf.withLock { shelf in
                shelf.step = step
                shelf.paused = shelf.paused.filter { $0.key.step >= step }
                shelf.prefetched = shelf.prefetched.filter { $0.value.step >= step }
            }
        default: return false
        }
        return true
    }

    private func attempt(_ work: () throws -> Void) {
        do { try work() } catch { post(.failure("\(error)")) }
    }

    private func forward(_ step: Int, _ shard: Lease.Shard, _ weights: WeightsVersion) throws {
        guard isCurrent(step) else { return }
        let start = ContinuousClock.now
        var ahead = Duration.zero
        let examples = try shard.samples.map {
            (place: $0.place, example: try example(of: $0.sample, step: step, ahead: &ahead))
        }
        let loaded = ContinuousClock.now
        let computation = try ShardComputation(
            lectern, weights: values(of: weights), step: step, examples: examples)
        computation.times[.data] += loaded - start + ahead
        if exchange {
            let parts = try computation.contributions()
            let key = Key(step: step, shard: shard.shard)
            shelf.withLock { shelf in
                shelf.paused[key] = Paused(computation: computation, since: .now)
            }
            post(.event(.forwarded(step: step, shard: shard.shard, parts)))
        } else {
            try finish(computation, step, shard.shard, [])
        }
        let upcoming = order.samples(at: step + 1)
        for sample in shard.samples where upcoming.indices.contains(sample.place) {
            prefetch(upcoming[sample.place], step: step + 1)
        }
    }

    private func backward(_ step: Int, _ shard: Int, _ totals: [Totals]) throws {
        let key = Key(step: step, shard: shard)
        guard let paused = shelf.withLock({ $0.paused.removeValue(forKey: key) }) else { return }
        paused.computation.times[.exchange] += ContinuousClock.now - paused.since
        try finish(paused.computation, step, shard, totals)
    }

    private func finish(
        _ computation: ShardComputation, _ step: Int, _ shard: Int, _ totals: [Totals]
    ) throws {
        let report = try computation.backward(given: totals) { [post] bucket, gradient in
            post(.event(.gradient(step: step, shard: shard, bucket: bucket, gradient)))
        }
        guard report.values[0].isFinite else {
            throw WorkerError(
                "The loss of micro-shard \(shard) at step \(step) is \(report.values[0]): lower "
                    + "optimiser.rate, set optimiser.clip, or look for damaged scans.")
        }
        post(.event(.finished(step: step, shard: shard, report)))
    }

    private func isCurrent(_ step: Int) -> Bool { shelf.withLock { $0.step == step } }

    /// The weights of a version as the network wants them; unpacked once a version.
    private func values(of version: WeightsVersion) -> Weights {
        if let known = shelf.withLock({ $0.weights }), known.version == version.version {
            return known.weights
        }
        let weights = Learner.weights(
            of: lectern.student, lectern.layout, buckets: version.buckets,
            statistics: version.statistics)
        shelf.withLock { $0.weights = (version.version, weights) }
        return weights
    }

    // MARK: Clouds ahead of time

    /// A cloud, read now or before; what it took to read it before is added to `ahead`.
    private func example(
        of sample: Int, step: Int, ahead: inout Duration
    ) throws -> Example {
        let ready = shelf.withLock { shelf in
            shelf.prefetched[sample]?.step == step
                ? shelf.prefetched.removeValue(forKey: sample) : nil
        }
        guard let ready else { return try training.example(of: sample, step: step) }
        ahead += ready.duration
        return ready.example
    }

    /// Reads a cloud that the next step will probably ask for, while nothing else is to be done.
    private func prefetch(_ sample: Int, step: Int) {
        pool.submitIdle { [self] in
            guard shelf.withLock({ $0.step < step && $0.prefetched[sample] == nil }) else { return }
            // A scan that cannot be read is reported when it is needed.
            let start = ContinuousClock.now
            guard let example = try? training.example(of: sample, step: step) else { return }
            let known = try? lectern.teaching?.recalling(example)
            let ready = Prefetched(
                step: step, example: known ?? example, duration: ContinuousClock.now - start)
            shelf.withLock { $0.prefetched[sample] = ready }
        }
    }
}

/// Why a worker cannot go on, in one sentence.
public struct WorkerError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    public let description: String
    /// The sentence as given.
    public init(_ description: String) { self.description = description }
}
