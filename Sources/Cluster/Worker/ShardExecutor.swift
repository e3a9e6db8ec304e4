import Distillation
import Networks
import Synchronization
import Tensors
import Training

/// A worker's hands: computes micro-shards and labels samples on a pool of threads, and posts what
/// comes of it.
///
/// What it computes depends on what it is given alone.
final class ShardExecutor: Sendable {
    /// What comes of a job.
    enum Outcome: Sendable {
        case event(WorkerMachine.Event)
        case failure(String)
    }

    private typealias Key = PrefetchTable<ShardPreparation>.Key

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
        /// The versions that were put together last: one to compute with, one to label with.
        var steps: (version: Int, weights: StepWeights)?
        var labels: (version: Int, weights: Weights)?
        /// What never changes, once it has come.
        var constant: Weights?
        var prefetched: [Int: Prefetched] = [:]
        /// Whether a micro-shard has been gone through.
        var isWarm = false
        var preparations = PrefetchTable<ShardPreparation>()

        /// Marks a later micro-shard as being prepared, if that is still of use and has room.
        mutating func begins(_ key: Key, atMostBeyondNext limit: Int) -> Bool {
            guard step < key.step else { return false }
            guard key.step == step + 1 || preparations.count(after: step + 1) < limit else {
                return false
            }
            return preparations.begin(key)
        }
    }

    private let context: ShardContext
    /// How what normalisations saw travels.
    var statistics: StatisticsLayout { context.statistics }
    /// How exact gradients are on their way to the sum.
    let wire: GradientWire
    /// Micro-shards a step.
    let shards: Int
    private let training: ExampleLoader
    private let validation: ExampleLoader
    private let exchanges: Int
    private let order: DataOrder
    private let steps: Int
    private let shelf = Mutex(Shelf())
    private let pool: ComputePool
    private let post: @Sendable (Outcome) -> Void

    init(
        context: ShardContext, training: ExampleLoader, validation: ExampleLoader, order: DataOrder,
        steps: Int, shards: Int, wire: GradientWire,
        pool: ComputePool, post: @escaping @Sendable (Outcome) -> Void
    ) {
        self.context = context
        self.training = training
        self.validation = validation
        self.order = order
        self.steps = steps
        self.wire = wire
        self.shards = shards
        exchanges = context.objectives.exchanges
        self.pool = pool
        self.post = post
    }

    /// Carries out what the machine wants computed; false for actions that are not the bench's.
    func carryOut(_ action: WorkerMachine.Action) -> Bool {
        switch action {
        case .compute(let step, let shard, let weights):
            training.bring(shard.samples.map(\.sample), step: step)
            pool.submit { [self] in attempt { try forward(step, shard, weights) } }
        case .rehearse(let step, let shards, let weights):
            for shard in shards { prepareAhead(shard, after: step) }
            guard let first = shards.first else { break }
            pool.submitIdle(order: step + 1) { [self] in
                // What cannot be computed is reported when it is needed.
                try? rehearse(Key(step: step + 1, shard: first.shard), weights)
            }
        case .respond(let step, let shards, let totals):
            for shard in shards {
                pool.submit { [self] in attempt { try respond(step, shard, totals) } }
            }
        case .resume(let step, let shards, let totals):
            for shard in shards {
                pool.submit { [self] in attempt { try backward(step, shard, totals) } }
            }
        case .label(let sample, let weights):
            validation.bring([sample])
            pool.submit { [self] in
                attempt {
                    let labeller = Labeller(
                        network: context.student, weights: labelling(weights), loader: validation)
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
                shelf.preparations.forget(before: step)
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
        let answer = shelf.withLock {
            $0.preparations.take(Key(step: step, shard: shard.shard)) { [self] preparation in
                attempt { try forward(step, shard, weights, preparation) }
            }
        }
        switch answer {
        case .underWay: return
        case .ready(let preparation): try forward(step, shard, weights, preparation)
        case .absent: try forward(step, shard, weights, nil)
        }
    }

    private func forward(
        _ step: Int, _ shard: Lease.Shard, _ weights: WeightsVersion,
        _ preparation: ShardPreparation?
    ) throws {
        let computation = ShardComputation(
            context, weights: computing(weights), step: step,
            preparation: try preparation ?? prepare(shard.samples, step: step))
        if exchanges > 0 {
            let parts = try computation.contributions()
            pause(computation, step, shard.shard)
            post(.event(.forwarded(step: step, shard: shard.shard, round: 0, parts)))
        } else {
            try finish(computation, step, shard.shard, [])
        }
        prepareAhead(shard, after: step)
    }

    /// Reads clouds, puts them side by side and asks the teacher.
    private func prepare(
        _ samples: [SampleReference], step: Int
    ) throws -> ShardPreparation {
        let start = ContinuousClock.now
        var ahead = Duration.zero
        let examples = try samples.map {
            (place: $0.place, example: try example(of: $0.sample, step: step, ahead: &ahead))
        }
        let loaded = ContinuousClock.now
        var preparation = try ShardPreparation(context, examples: examples)
        preparation.times[.data] += loaded - start + ahead
        return preparation
    }

    private func respond(_ step: Int, _ shard: Int, _ totals: [Totals]) throws {
        guard let computation = takeUp(step, shard) else { return }
        let parts = try computation.responses(to: totals)
        pause(computation, step, shard)
        post(.event(.forwarded(step: step, shard: shard, round: 1, parts)))
    }

    private func backward(_ step: Int, _ shard: Int, _ totals: [Totals]) throws {
        guard let computation = takeUp(step, shard) else { return }
        try finish(computation, step, shard, totals)
    }

    /// Puts a computation aside until totals come.
    private func pause(_ computation: ShardComputation, _ step: Int, _ shard: Int) {
        let paused = Paused(computation: computation, since: .now)
        shelf.withLock { $0.paused[Key(step: step, shard: shard)] = paused }
    }

    /// The computation that was put aside, if it has not been forgotten since.
    private func takeUp(_ step: Int, _ shard: Int) -> ShardComputation? {
        let key = Key(step: step, shard: shard)
        guard let paused = shelf.withLock({ $0.paused.removeValue(forKey: key) }) else {
            return nil
        }
        paused.computation.times[.exchange] += ContinuousClock.now - paused.since
        return paused.computation
    }

    private func finish(
        _ computation: ShardComputation, _ step: Int, _ shard: Int, _ totals: [Totals]
    ) throws {
        let report = try computation.backward(given: totals) { [post] bucket, gradient in
            post(.event(.gradient(step: step, shard: shard, bucket: bucket, gradient)))
        }
        guard report.loss.isFinite else {
            throw WorkerError(
                "The loss of micro-shard \(shard) at step \(step) is \(report.loss): lower "
                    + "optimiser.rate, set optimiser.clip, or look for damaged scans.")
        }
        post(.event(.finished(step: step, shard: shard, report)))
        shelf.withLock { $0.isWarm = true }
    }

    private func isCurrent(_ step: Int) -> Bool { shelf.withLock { $0.step == step } }

    /// A version as a step wants it; put together once a version.
    private func computing(_ version: WeightsVersion) -> StepWeights {
        if let known = shelf.withLock({ $0.steps }), known.version == version.version {
            return known.weights
        }
        let (student, own) = weights(version.values, version)
        let weights = StepWeights(
            student: student, own: own,
            average: version.averages.map { self.weights($0, version) })
        shelf.withLock { $0.steps = (version.version, weights) }
        return weights
    }

    /// A version as labelling wants it; put together once a version.
    private func labelling(_ version: WeightsVersion) -> Weights {
        guard version.areAverages else { return computing(version).student }
        if let known = shelf.withLock({ $0.labels }), known.version == version.version {
            return known.weights
        }
        let student = weights(version.values, version).student
        shelf.withLock { $0.labels = (version.version, student) }
        return student
    }

    private func weights(
        _ values: WeightsVersion.Values, _ version: WeightsVersion
    ) -> (student: Weights, own: Weights) {
        context.parameters.weights(
            buckets: values.buckets, statistics: values.statistics, constant: constant(version))
    }

    /// What is frozen, the same in every version: taken from its buckets once.
    private func constant(_ version: WeightsVersion) -> Weights {
        if let known = shelf.withLock({ $0.constant }) { return known }
        let constant = context.parameters.frozen.unpacked(version.frozen)
        shelf.withLock { $0.constant = constant }
        return constant
    }

    // MARK: Ahead of time

    /// What a later step will probably ask for in a micro-shard's place; nothing after the last.
    private func upcoming(_ shard: Lease.Shard, at step: Int) -> [SampleReference] {
        guard step < steps else { return [] }
        let samples = order.samples(at: step)
        return shard.samples.compactMap { old in
            samples.indices.contains(old.place)
                ? SampleReference(sample: samples[old.place], place: old.place) : nil
        }
    }

    /// Reads a micro-shard's clouds of the next step, and prepares it, while there is nothing else to
    /// do: waiting for totals, or for weights that are still being made.
    ///
    /// Who is done with the next step's goes on with the one after it, one micro-shard a thread: no
    /// two steps give a worker the same amount of work, and what it has done beforehand it need not
    /// do in the step that gives it more than the others. No thread waits for clouds that come from
    /// the coordinator: they are taken up when they are there.
    private func prepareAhead(_ shard: Lease.Shard, after step: Int) {
        for later in [step + 1, step + 2] {
            let samples = upcoming(shard, at: later)
            guard !samples.isEmpty else { return }
            training.bring(samples.map(\.sample), step: later) { [self] in
                if later == step + 1 {
                    for sample in samples { prefetch(sample.sample, step: later) }
                }
                prepare(shard.shard, samples, ahead: later)
            }
        }
    }

    private func prepare(_ shard: Int, _ samples: [SampleReference], ahead step: Int) {
        let key = Key(step: step, shard: shard)
        pool.submitIdle(order: step) { [self] in
            guard shelf.withLock({ $0.begins(key, atMostBeyondNext: pool.threads) }) else {
                return
            }
            // A scan that cannot be read is reported when it is needed.
            let made = try? prepare(samples, step: step)
            shelf.withLock { $0.preparations.end(key, with: made) }?(made)
        }
    }

    /// Goes through a micro-shard that is prepared, with the weights at hand, and drops what comes of
    /// it: memory has then been touched and weights laid out when the step begins.
    private func rehearse(_ key: Key, _ version: WeightsVersion) throws {
        func isInTime() -> Bool { shelf.withLock { $0.step < key.step && !$0.isWarm } }
        guard isInTime(), let preparation = shelf.withLock({ $0.preparations.made(key) })
        else { return }
        let computation = ShardComputation(
            context, weights: computing(version), step: key.step, preparation: preparation)
        var rounds: [Int: [Totals]] = [:]
        for round in 0..<exchanges {
            let parts =
                try rounds[0].map(computation.responses(to:)) ?? computation.contributions()
            rounds[round] = parts.map { Totals($0) }
        }
        guard isInTime() else { return }
        _ = try computation.backward(given: Totals.joined(rounds)) { _, _ in }
        shelf.withLock { $0.isWarm = true }
    }

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
        pool.submitIdle(order: step) { [self] in
            guard shelf.withLock({ $0.step < step && $0.prefetched[sample] == nil }) else { return }
            // A scan that cannot be read is reported when it is needed.
            let start = ContinuousClock.now
            guard let example = try? training.example(of: sample, step: step) else { return }
            let complete = try? context.provider?.attachingStoredOutputs(to: example)
            let ready = Prefetched(
                step: step, example: complete ?? example, duration: ContinuousClock.now - start)
            shelf.withLock { $0.prefetched[sample] = ready }
        }
    }
}

/// Why a worker cannot go on, in one sentence.
package struct WorkerError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
    /// The sentence as given.
    package init(_ description: String) { self.description = description }
}
