import Synchronization
import Training

/// Prefetches what the next two steps will probably need: clouds, and micro-shards prepared as far
/// as no new weights are required.
///
/// The coordinator tends to lease the same micro-shards to the same worker, so the clouds of the
/// next step at the places of this step's micro-shards are a good guess. A wrong guess costs idle
/// time only.
final class Prefetcher: Sendable {
    typealias Key = PrefetchTable<ShardPreparation>.Key

    /// A cloud read ahead of its step, and the time that reading took.
    private struct ReadCloud {
        let step: Int
        let example: Example
        let duration: Duration
    }

    private struct State {
        var step = -1
        var clouds: [Int: ReadCloud] = [:]
        var preparations = PrefetchTable<ShardPreparation>()

        /// Marks a micro-shard of a later step as being prepared, if its step has not begun.
        ///
        /// - Parameter limit: the number of preparations kept for steps after the next.
        mutating func begin(
            _ key: Key, generation: Int, atMostBeyondNext limit: Int
        ) -> Bool {
            guard step < key.step else { return false }
            // A preparation holds clouds and teacher outputs; without a limit, a worker that waits
            // long for others would fill its memory.
            guard key.step == step + 1 || preparations.count(after: step + 1) < limit else {
                return false
            }
            return preparations.begin(key, generation: generation)
        }
    }

    private let context: ShardContext
    private let loader: ExampleLoader
    private let order: DataOrder
    private let steps: Int
    private let pool: ComputePool
    private let progress: ProgressCounter
    private let state = Mutex(State())

    /// A prefetcher of a run.
    ///
    /// - Parameters:
    ///   - loader: the source of training clouds.
    ///   - steps: the number of steps of the run.
    ///   - pool: the threads whose idle time is used.
    ///   - progress: advanced with every cloud read and every micro-shard prepared.
    init(
        _ context: ShardContext, loader: ExampleLoader, order: DataOrder, steps: Int,
        pool: ComputePool, progress: ProgressCounter
    ) {
        self.context = context
        self.loader = loader
        self.order = order
        self.steps = steps
        self.pool = pool
        self.progress = progress
    }

    // MARK: The step at hand

    /// Requests the clouds of a leased micro-shard where they come from another machine.
    func requestClouds(of shard: Lease.Shard, step: Int) {
        loader.prefetch(shard.samples.map(\.sample), step: step)
    }

    /// Removes the preparation of a micro-shard, or registers what to do once it is finished.
    func take(
        _ key: Key, then successor: @escaping PrefetchTable<ShardPreparation>.Successor
    ) -> PrefetchTable<ShardPreparation>.Answer {
        state.withLock { $0.preparations.take(key, then: successor) }
    }

    /// The finished preparation of a micro-shard, which remains in place; nil if there is none.
    func preparation(of key: Key) -> ShardPreparation? {
        state.withLock { $0.preparations.prepared(key) }
    }

    /// Reads clouds, batches them and queries the teacher.
    func prepare(_ samples: [SampleReference], step: Int) throws -> ShardPreparation {
        let start = ContinuousClock.now
        var ahead = Duration.zero
        let examples = try samples.map {
            (place: $0.place, example: try example(of: $0.sample, step: step, ahead: &ahead))
        }
        let loaded = ContinuousClock.now
        var preparation = try ShardPreparation(context, examples: examples)
        preparation.times[.data] += loaded - start + ahead
        progress.advance()
        return preparation
    }

    /// Drops clouds and preparations of steps before this one.
    func forget(before step: Int) {
        state.withLock { state in
            state.step = step
            state.clouds = state.clouds.filter { $0.value.step >= step }
            state.preparations.forget(before: step)
        }
    }

    /// Gives the pool's threads the usual priority.
    ///
    /// No micro-shard waits for what the replaced threads are preparing: on a machine whose processors
    /// are busy, a thread of a standby pool may take minutes over a few milliseconds of work.
    func leaveStandby() {
        let generation = pool.leaveStandby()
        let successors = state.withLock { $0.preparations.abandon(before: generation) }
        for successor in successors { pool.submit { successor(nil) } }
    }

    /// The cloud of a sample, read now or ahead; the time of reading ahead is added to `ahead`.
    private func example(
        of sample: Int, step: Int, ahead: inout Duration
    ) throws -> Example {
        let ready = state.withLock { state in
            state.clouds[sample]?.step == step ? state.clouds.removeValue(forKey: sample) : nil
        }
        guard let ready else { return try loader.example(of: sample, step: step) }
        ahead += ready.duration
        return ready.example
    }

    // MARK: Later steps

    /// Reads and prepares, in idle time, what the next two steps will probably need at the places of
    /// a micro-shard.
    ///
    /// Idle time is the wait for totals, and for weights that the optimiser is still computing.
    func prefetch(after step: Int, inPlaceOf shard: Lease.Shard) {
        // A worker that is done with the next step goes on with the one after it, one micro-shard a
        // thread: no two steps give a worker the same amount of work, and what it prepared in a
        // light step it need not do in a heavy one.
        for later in [step + 1, step + 2] {
            let samples = expectedSamples(of: shard, at: later)
            guard !samples.isEmpty else { return }
            // No thread waits for clouds that come from the coordinator: the jobs are queued once
            // the clouds have arrived.
            loader.prefetch(samples.map(\.sample), step: later) { [self] in
                if later == step + 1 {
                    for sample in samples { readAhead(sample.sample, step: later) }
                }
                prepareAhead(Key(step: later, shard: shard.shard), samples)
            }
        }
    }

    /// The samples that a later step probably has at a micro-shard's places; none after the last
    /// step.
    private func expectedSamples(of shard: Lease.Shard, at step: Int) -> [SampleReference] {
        guard step < steps else { return [] }
        let samples = order.samples(at: step)
        return shard.samples.compactMap { old in
            samples.indices.contains(old.place)
                ? SampleReference(sample: samples[old.place], place: old.place) : nil
        }
    }

    private func prepareAhead(_ key: Key, _ samples: [SampleReference]) {
        pool.submitIdle(order: key.step) { [self] in
            // The thread's generation is asked for under the lock: `leaveStandby` either finds the
            // piece that a replaced thread has begun, or the thread begins none.
            let begun = state.withLock { state -> Int? in
                guard let generation = pool.generationOfThisThread,
                    state.begin(key, generation: generation, atMostBeyondNext: pool.threads)
                else { return nil }
                return generation
            }
            guard let begun else { return }
            // Errors are dropped here: a scan that cannot be read is reported by the step that needs
            // it, and the guess may have been wrong.
            let made = try? prepare(samples, step: key.step)
            state.withLock { $0.preparations.end(key, generation: begun, with: made) }?(made)
        }
    }

    private func readAhead(_ sample: Int, step: Int) {
        pool.submitIdle(order: step) { [self] in
            guard state.withLock({ $0.step < step && $0.clouds[sample] == nil }) else { return }
            let start = ContinuousClock.now
            guard let example = try? loader.example(of: sample, step: step) else { return }
            let complete = try? context.provider?.attachingStoredOutputs(to: example)
            let read = ReadCloud(
                step: step, example: complete ?? example, duration: ContinuousClock.now - start)
            state.withLock { $0.clouds[sample] = read }
            progress.advance()
        }
    }
}
