package import Cluster
import Distillation
import Tensors
package import Training

/// A coordinator and workers over a network in memory, with a clock that is moved by hand and
/// faults drawn from a seed.
///
/// Messages are delayed, reordered, doubled and lost; workers and relays are killed, hang for a while
/// and come back; the coordinator is killed between any two things it does and goes on
/// from its checkpoint; the same seed replays the same run. What is computed is a stand-in: a few numbers that depend on weights,
/// step and micro-shard, rounded as Float32, so that any difference in the order of a sum or in
/// which results count changes the digest.
package struct SimulatedCluster {
    /// What goes wrong, and how often.
    package struct Faults: Sendable {
        /// The share of messages that take a second way and arrive twice.
        package var duplicated = 0.0
        /// The share of messages after which the connection breaks: the worker is lost.
        package var cut = 0.0
        /// The longest a message takes, seconds.
        package var delay = 0.01
        /// The share of what a worker is told after which it is killed.
        package var killed = 0.0
        /// The share of what a worker is told after which it hangs.
        package var hung = 0.0
        /// The longest it hangs, seconds.
        package var hanging = 12.0
        /// The share of what the coordinator does before which it is killed.
        package var restarted = 0.0
        /// How many times longer the first worker computes than the others.
        package var slow = 1.0

        /// No faults.
        package init(
            duplicated: Double = 0, cut: Double = 0, delay: Double = 0.01, killed: Double = 0,
            hung: Double = 0, restarted: Double = 0, slow: Double = 1
        ) {
            self.duplicated = duplicated
            self.cut = cut
            self.delay = delay
            self.killed = killed
            self.hung = hung
            self.restarted = restarted
            self.slow = slow
        }
    }

    /// How a simulated run ended.
    package struct Outcome: Sendable, Equatable {
        /// A hash over the bits of the final weights.
        package var digest: UInt64 = 0
        /// How often each step's each micro-shard entered the sum: all ones.
        package var steps = 0
        /// The validation's count, as a check that every sample was counted once.
        package var validated: UInt64 = 0
        /// Workers lost on the way.
        package var deaths = 0
        /// Results that came twice.
        package var duplicates = 0
        /// Nodes given to a second worker while the first had them.
        package var reissued = 0
        /// Times that two workers were found to disagree.
        package var contradictions = 0
        /// Lives of the coordinator after the first.
        package var restarts = 0
        /// Relays lost on the way, among the workers.
        package var lostRelays = 0
        /// Gradients that came to the coordinator.
        package var gradients = 0

        /// Of a run that has not begun.
        package init() {}
    }

    enum Delivery {
        case toWorker(WorkerMachine.Event)
        case toCoordinator(CoordinatorMachine.Event)
        case ready(Int)
        case tick
    }

    /// What a coordinator finds on its disk.
    private struct Checkpoint {
        var step = 0
        var weights: [Tensor]
        var average: [Tensor]
    }

    let settings: CoordinatorMachine.Settings
    let faults: Faults
    var random: CounterGenerator
    var coordinator: CoordinatorMachine
    var workers: [Int: WorkerMachine] = [:]
    var threads: [Int]
    var nextWorker = 0
    /// Until when a worker's threads are busy.
    private var busyUntil: [Int: Double] = [:]
    /// Until when a worker hears and says nothing.
    var hungUntil: [Int: Double] = [:]
    private var checkpoint: Checkpoint
    /// What each validation counted.
    private var validations: [Int: UInt64] = [:]
    var now = 0.0
    var serial = 0
    var parcels: [(time: Double, serial: Int, worker: Int, parcel: Delivery)] = []
    private var weights: [Tensor]
    private var next: [Tensor?]
    /// The averages of the weights, and of the statistics.
    private var average: [Tensor]
    let parts: WeightsParts
    /// The parts of the weights, and which worker or relay has received them.
    private var store: WeightsStore<Tensor>
    var outcome = Outcome()
    private var over = false
    private struct Key: Hashable {
        let worker: Int
        let shard: Int
    }
    /// The relays that are there, by the number they have as workers.
    var relays: [Int: SimulatedRelay] = [:]
    /// Behind which relay a worker is.
    var above: [Int: Int] = [:]
    /// The workers that are kept aside until they are given work.
    private var spares: Set<Int> = []
    /// How many of those there are at the beginning.
    private let spareCount: Int
    /// The threads of the workers behind each relay at the beginning.
    private let behind: [[Int]]
    /// What each micro-shard at work is computed with.
    private var kept: [Key: WeightsVersion] = [:]

    /// A run of so many steps over workers with the given numbers of threads.
    ///
    /// - Parameters:
    ///   - spares: workers of a thread each that are kept aside; with any, whoever comes in a lost
    ///     one's stead is one as well.
    ///   - behind: for each relay, the numbers of threads of the workers behind it.
    package init(
        steps: Int, shards: Int, buckets: Int = 3, exchanges: Int = 1, workers threads: [Int],
        spares: Int = 0, behind: [[Int]] = [], averages: WeightsParts.Averages = .unused,
        wire: GradientWire = .float32, seed: UInt64,
        faults: Faults = Faults()
    ) {
        settings = CoordinatorMachine.Settings(
            shards: shards, buckets: buckets, exchanges: exchanges, wire: wire, steps: steps,
            validateEvery: 2, validation: Array(0..<7), heartbeatTimeout: .seconds(5))
        self.faults = faults
        parts = WeightsParts(learning: buckets, frozen: 2, averages: averages)
        store = WeightsStore(parts)
        self.threads = threads
        self.behind = behind
        spareCount = spares
        random = CounterGenerator(seed: seed, purpose: .init("simulated faults"))
        coordinator = Self.machine(settings, from: 0)
        weights = (0..<buckets).map { bucket in
            Tensor(rows: 1, columns: 3, [Float(bucket) + 0.1, 0.2, 0.3])
        }
        next = Array(repeating: nil, count: buckets)
        average = weights + [Tensor(0)]
        checkpoint = Checkpoint(weights: weights, average: average)
    }

    private static func machine(
        _ settings: CoordinatorMachine.Settings, from step: Int, validated: Int? = nil
    ) -> CoordinatorMachine {
        CoordinatorMachine(settings: settings, from: step, validated: validated) { _ in
            (0..<settings.shape.shards).map {
                Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)])
            }
        }
    }

    /// Runs to the end; nil if the run does not end within `limit` events.
    package mutating func run(limit: Int = 1_000_000) -> Outcome? {
        publishFirstVersion()
        for count in threads { join(threads: count) }
        for _ in 0..<spareCount { join(threads: 1, isSpare: true) }
        for team in behind { joinRelay(team) }
        tickLater()
        var events = 0
        while !over {
            events += 1
            guard events < limit, let (time, _, worker, parcel) = pop() else { return nil }
            now = max(now, time)
            deliver(parcel, worker)
        }
        outcome.digest = digest()
        outcome.validated = validations.values.reduce(0, +)
        return outcome
    }

    // MARK: The network

    private mutating func pop() -> (time: Double, serial: Int, worker: Int, parcel: Delivery)? {
        guard
            let place = parcels.indices.min(by: {
                (parcels[$0].time, parcels[$0].serial) < (parcels[$1].time, parcels[$1].serial)
            })
        else { return nil }
        return parcels.remove(at: place)
    }

    mutating func post(_ parcel: Delivery, worker: Int) {
        let copies = chance(faults.duplicated) ? 2 : 1
        for _ in 0..<copies {
            let time = now + Double(random.uniform()) * faults.delay
            parcels.append((time, serial, worker, parcel))
            serial += 1
        }
        if chance(faults.cut) { kill(worker) }
    }

    /// What a worker's own threads tell it: later, but in order, once and always.
    private mutating func postWithin(_ worker: Int, _ event: WorkerMachine.Event) {
        let start = max(busyUntil[worker] ?? 0, now)
        let time = start + Double(random.uniform()) * faults.delay * slowness(of: worker)
        busyUntil[worker] = time
        parcels.append((time, serial, worker, .toWorker(event)))
        serial += 1
    }

    private func slowness(of worker: Int) -> Double { worker == 0 ? faults.slow : 1 }

    private mutating func tickLater() {
        parcels.append((now + 0.5, serial, -1, .tick))
        serial += 1
    }

    mutating func chance(_ share: Double) -> Bool {
        share > 0 && Double(random.uniform()) < share
    }

    mutating func join(threads count: Int, behind relay: Int? = nil, isSpare: Bool = false) {
        let worker = nextWorker
        nextWorker += 1
        if isSpare { spares.insert(worker) }
        above[worker] = relay
        workers[worker] = WorkerMachine(
            shards: settings.shape.shards, parts: parts, exchanges: settings.shape.exchanges,
            wire: settings.shape.wire)
        if threads.count > worker { threads[worker] = count } else { threads.append(count) }
        parcels.append(
            (now + Double(random.uniform()) * faults.delay, serial, worker, .ready(worker)))
        serial += 1
    }

    mutating func kill(_ worker: Int) {
        if relays[worker] != nil { return killRelay(worker) }
        guard let relay = remove(worker) else { return }
        join(
            threads: 1 + random.index(below: 2),
            behind: relay.flatMap { relays[$0] == nil ? nil : $0 },
            isSpare: relay == nil && spareCount > 0)
    }

    /// Takes away a worker or a relay; behind which relay it was, or nil if there is none such.
    mutating func remove(_ worker: Int) -> Int?? {
        guard
            workers.removeValue(forKey: worker) != nil || relays.removeValue(forKey: worker) != nil
        else { return nil }
        outcome.deaths += 1
        // What was on its way to it is gone; what it sent may still arrive, even after its end is
        // known.
        parcels.removeAll {
            guard $0.worker == worker else { return false }
            if case .toCoordinator = $0.parcel { return false }
            return true
        }
        let time = now + Double(random.uniform()) * faults.delay
        parcels.append(
            (time, serial, worker, .toCoordinator(.left(WorkerID(worker), reason: .connectionLost)))
        )
        serial += 1
        return .some(above[worker])
    }

    // MARK: Both sides

    private mutating func deliver(_ parcel: Delivery, _ worker: Int) {
        switch parcel {
        case .ready(let worker):
            guard workers[worker] != nil else { return }
            let count = threads[worker]
            if let relay = above[worker] {
                return tell(relay, .ready(WorkerID(worker), threads: count))
            }
            perform(
                coordinator.handle(
                    .ready(
                        WorkerID(worker), threads: count, isStandby: spares.contains(worker)),
                    at: clock))
        case .toCoordinator(let event):
            if let relay = above[worker] {
                if !isHung(relay, parcel, worker) { tell(relay, event) }
                return
            }
            if case .partial = event { outcome.gradients += 1 }
            perform(coordinator.handle(event, at: clock))
        case .tick:
            tickRelays()
            for worker in workers.keys.sorted() where hungUntil[worker, default: 0] <= now {
                post(.toCoordinator(.heard(WorkerID(worker))), worker: worker)
            }
            perform(coordinator.handle(.tick, at: clock))
            tickLater()
        case .toWorker(let event):
            guard !isHung(worker, parcel, worker) else { return }
            if relays[worker] != nil { return tell(worker, fromAbove: event) }
            guard var machine = workers[worker] else { return }
            if event.isWork { spares.remove(worker) }
            if chance(faults.hung) {
                hungUntil[worker] = now + Double(random.uniform()) * faults.hanging
            }
            let actions = machine.handle(event)
            workers[worker] = machine
            for action in actions { work(action, worker) }
            if chance(faults.killed) { kill(worker) }
        }
    }

    /// Whether somebody hangs, and will be told later.
    private mutating func isHung(_ who: Int, _ parcel: Delivery, _ worker: Int) -> Bool {
        guard let until = hungUntil[who], until > now else { return false }
        parcels.append((until, serial, worker, parcel))
        serial += 1
        return true
    }

    var clock: Duration { .seconds(now) }

    /// The coordinator dies, with whatever was under way, and a new one goes on from the checkpoint.
    private mutating func restart() {
        outcome.restarts += 1
        coordinator = Self.machine(
            settings, from: checkpoint.step, validated: validations.keys.max())
        weights = checkpoint.weights
        average = checkpoint.average
        next = Array(repeating: nil, count: weights.count)
        parcels = []
        kept = [:]
        publishFirstVersion()
        tickLater()
        let lost = workers.keys.sorted().filter { above[$0] == nil }
        let teams = relays.keys.sorted().map(team(behind:))
        workers = [:]
        relays = [:]
        for worker in lost {
            join(threads: threads[worker], isSpare: spares.remove(worker) != nil)
        }
        for team in teams { joinRelay(team) }
    }

    mutating func perform(_ actions: [CoordinatorMachine.Action]) {
        for action in actions {
            if chance(faults.restarted) { return restart() }
            switch action {
            case .totals, .contradicted: carryDown(action)
            case .lease(let worker, let lease):
                sendWeights(for: .step, lease.step, to: worker)
                carryDown(action)
            case .dismissed(let worker, _, _):
                store.remove(worker)
                carryDown(action)
            case .apply(let step, let bucket, let gradient):
                let values = weights[bucket] + gradient.scaled(by: -0.1)
                next[bucket] = values
                publish(values, version: step + 1, index: bucket)
            case .stepComplete(let step, let report, let counts, let totals):
                precondition(
                    totals.count == min(settings.shape.exchanges, 1), "Totals of one term.")
                precondition(report.values[0] == Double(settings.shape.shards), "A shard was lost.")
                outcome.steps = step + 1
                outcome.duplicates += counts.duplicates
                weights = next.map { $0! }
                next = Array(repeating: nil, count: weights.count)
                average = zip(average, weights + [Tensor(0)]).map {
                    $0.scaled(by: 0.75) + $1.scaled(by: 0.25)
                }
                outcome.reissued += counts.reissued
                outcome.contradictions += counts.contradictions
                if step % 2 == 1 {
                    checkpoint = Checkpoint(step: step + 1, weights: weights, average: average)
                }
                publishVersion(step + 1)
            case .evaluate(let worker, let version, _):
                sendWeights(for: .labels, version, to: worker)
                carryDown(action)
            case .validated(let version, let matrix): validations[version] = matrix.counts[0]
            case .finished, .failed: over = true
            }
        }
    }

    /// Carries out what a coordinator and a relay do alike.
    mutating func carryDown(_ action: CoordinatorMachine.Action) {
        switch action {
        case .lease(let worker, let lease):
            post(.toWorker(.lease(lease)), worker: Int(worker))
        case .totals(let receivers, let step, let round, let totals):
            for worker in receivers {
                post(.toWorker(.totals(step: step, round: round, totals)), worker: Int(worker))
            }
        case .evaluate(let worker, let version, let samples):
            post(.toWorker(.evaluate(version: version, samples: samples)), worker: Int(worker))
        case .dismissed(let worker, _, _): kill(Int(worker))
        case .apply, .stepComplete, .validated, .contradicted, .finished, .failed: break
        }
    }

    /// Makes a part of the weights available and sends it to the workers that need it.
    private mutating func publish(_ values: Tensor, version: Int, index: Int) {
        let part = WeightsDistributor.Part(version: version, index: index)
        for worker in store.add(values, part) { send(part, values, to: worker) }
    }

    /// Makes every part of a version available.
    private mutating func publishVersion(_ version: Int) {
        for (index, values) in (weights + [Tensor(0)]).enumerated() {
            publish(values, version: version, index: index)
        }
        guard parts.averages != .unused else { return }
        for (index, values) in zip(parts.averaged, average) {
            publish(values, version: version, index: index)
        }
    }

    /// Makes the frozen parts and the coordinator's version available.
    private mutating func publishFirstVersion() {
        store = WeightsStore(parts)
        for index in parts.frozenBuckets {
            publish(Tensor(Float(index)), version: coordinator.step, index: index)
        }
        publishVersion(coordinator.step)
    }

    private mutating func sendWeights(
        for work: WeightsDistributor.Work, _ version: Int, to worker: WorkerID
    ) {
        for (part, values) in store.assign(work, to: worker, version: version) {
            send(part, values, to: worker)
        }
    }

    /// Sends a part of the weights to a worker or a relay.
    mutating func send(_ part: WeightsDistributor.Part, _ values: Tensor, to worker: WorkerID) {
        post(
            .toWorker(.bucket(version: part.version, index: part.index, values)),
            worker: Int(worker))
    }

    private mutating func work(_ action: WorkerMachine.Action, _ worker: Int) {
        func later(_ event: WorkerMachine.Event) { postWithin(worker, event) }
        switch action {
        case .compute(let step, let shard, let weights):
            kept[Key(worker: worker, shard: shard.shard)] = weights
            if settings.shape.exchanges > 0 {
                later(
                    .forwarded(
                        step: step, shard: shard.shard, round: 0,
                        [Contribution(counts: [Double(shard.shard)])]))
            } else {
                backward(step, shard.shard, total: 0, worker)
            }
        case .respond(let step, let shards, let totals):
            for shard in shards {
                let count = totals[0].whole.counts[0] + Double(shard)
                later(
                    .forwarded(
                        step: step, shard: shard, round: 1, [Contribution(counts: [count])]))
            }
        case .resume(let step, let shards, let totals):
            let total = totals[0].whole.counts[0] + 0.5 * (totals[0].responses.counts.first ?? 0)
            for shard in shards { backward(step, shard, total: total, worker) }
        case .label(let sample, let weights):
            precondition(weights.areAverages == (parts.averages != .unused), "Other weights.")
            var matrix = ConfusionMatrix(classes: 1)
            matrix.add(truth: [0], predicted: [0])
            later(.evaluated(version: weights.version, sample: sample, matrix))
        case .forget, .rehearse: break
        case .sendContribution, .sendPartial, .sendReport, .sendEvaluated:
            sendUp(action, from: worker)
        }
    }

    private mutating func backward(
        _ step: Int, _ shard: Int, total: Double, _ worker: Int
    ) {
        guard let version = kept[Key(worker: worker, shard: shard)] else { return }
        let weights = zip(version.values.buckets, version.averages?.buckets ?? []).map { $0 + $1 }
        let values = weights.isEmpty ? version.values.buckets : weights
        precondition(version.frozen.map(\.scalar) == parts.frozenBuckets.map { Float($0) })
        for bucket in values.indices.reversed() {
            var random = CounterGenerator(
                seed: 1, step: step, sample: UInt64(shard), purpose: .init("gradient \(bucket)"))
            let noise = Tensor(rows: 1, columns: 3, (0..<3).map { _ in random.normal() })
            let gradient = values[bucket].scaled(by: Float(1 + total)) + noise
            postWithin(
                worker, .gradient(step: step, shard: shard, bucket: bucket, gradient))
        }
        var times = ShardTimes()
        let events = Double(values.count + 2)
        times[.backward] = .seconds(0.5 * events * faults.delay * slowness(of: worker))
        postWithin(
            worker, .finished(step: step, shard: shard, ShardReport(values: [1], times: times)))
    }

    private func digest() -> UInt64 { Checksum64(weights.map(\.checksum)).value }
}
