import Telemetry
import Tensors
import Training

/// Turns a coordinator's actions and workers' reports into records of steps, and answers for the
/// run's status.
struct StepRecorder {
    /// A worker's part of the current step.
    private struct Part {
        let name: String
        let threads: Int
        var times = ShardTimes()
        var memory = MemoryUse()
    }

    /// Measures the coordinator's phases.
    var watch: StepWatch
    private let plan: RunPlan
    private var survey: ScaleSurvey?
    private var parts: [WorkerID: Part] = [:]
    /// The parts of workers that were lost during the current step.
    private var departed: [StepSummary.Worker] = []
    private var trafficBefore = Traffic()
    private var labelledSamples = 0
    private var standstill: String?
    /// The loss and the terms of the last step, for the status.
    private var last: (loss: Double, terms: [StepSummary.Term])?

    /// A recorder of a run.
    init(_ plan: RunPlan, _ clock: MonotonicClock) {
        self.plan = plan
        watch = StepWatch(clock)
        survey = plan.scale.map(ScaleSurvey.init)
    }

    /// Records a worker's report on micro-shards.
    ///
    /// - Parameters:
    ///   - shards: the number of micro-shards.
    ///   - memory: memory that its process has requested so far.
    ///   - threads: micro-shards that it computes at once.
    mutating func record(
        _ times: ShardTimes, shards: Int, memory: MemoryUse, of worker: Peers.Peer, threads: Int
    ) {
        watch.record(times, of: worker.name, threads: min(threads, shards))
        var part = parts[worker.id] ?? Part(name: worker.name, threads: threads)
        part.times = part.times + times
        part.memory = memory
        parts[worker.id] = part
    }

    /// Records that a worker was lost.
    mutating func recordLoss(of worker: Peers.Peer) {
        let part = parts.removeValue(forKey: worker.id)
        // A worker may come and go without end while a step lasts.
        guard part != nil || departed.count < 256 else { return }
        departed.append(
            .init(
                name: worker.name, times: part?.times ?? ShardTimes(),
                memory: part?.memory ?? MemoryUse()))
    }

    /// Records a labelled validation sample; returns the event.
    mutating func recordLabelledSample(ofVersion version: Int) -> RunEvent {
        let samples = plan.samples(ofVersion: version)
        labelledSamples = min(labelledSamples + 1, samples)
        return .validating(done: labelledSamples, of: samples)
    }

    /// Records the end of a validation; returns its seconds.
    mutating func endValidation() -> Double {
        labelledSamples = 0
        return watch.endValidation()
    }

    /// Records that the step stands still.
    mutating func recordStandstill(_ line: String) { standstill = line }

    /// Ends the current step; returns its record, and a remark on the run's scale, which is made
    /// once.
    mutating func completeStep(
        _ version: Int, _ report: ShardReport, _ outcome: StepOutcome,
        _ counts: CoordinatorMachine.StepCounts, _ traffic: Traffic, weights: Weights?
    ) -> (summary: StepSummary, remark: String?) {
        let present = parts.keys.sorted().map { parts[$0]! }
        watch.record(
            work: present.map { ($0.name, $0.times.work.seconds / Double(max($0.threads, 1))) })
        watch.enter(.bookkeeping)
        let (trace, phases) = watch.endStep(version)
        let summary = StepSummary(
            step: version, steps: plan.steps, pass: outcome.pass, loss: report.loss,
            terms: outcome.terms, metrics: outcome.metrics, gradientNorm: outcome.gradientNorm,
            rates: outcome.rates, points: report.points,
            workers: departed
                + present.map { .init(name: $0.name, times: $0.times, memory: $0.memory) },
            coordinator: phases, trace: trace, counts: counts, standstill: standstill,
            messages: traffic.messages - trafficBefore.messages,
            bytes: traffic.bytes - trafficBefore.bytes, weights: weights)
        // Only these two of the record: the summary may hold a checkpoint's weights.
        last = (summary.loss, summary.terms)
        (parts, departed, standstill, trafficBefore) = ([:], [], nil, traffic)
        let remark = survey?.take(
            shardSeconds: report.times.work.seconds, traffic.gradients)
        return (summary, remark)
    }

    /// The run's status now.
    func status(
        run: String, version: Int, _ machine: CoordinatorMachine, _ peers: [Peers.Peer],
        at now: Duration
    ) -> RunStatus {
        let busy = Set(machine.awaitedWorkers)
        return RunStatus(
            run: run, stage: machine.stage, step: version, steps: plan.steps,
            missing: machine.missingWorkers, secondsAStep: watch.secondsPerStep,
            loss: last?.loss,
            terms: Dictionary(last?.terms.map { ($0.name, $0.value) } ?? []) { $1 },
            workers: peers.map { peer in
                let member = machine.member(peer.id)
                return RunStatus.Worker(
                    name: peer.name, threads: member?.threads ?? 1,
                    isReady: member.map { $0.role != .joining } ?? false,
                    isBusy: busy.contains(peer.id),
                    silence: (now - (member?.lastHeard ?? now)).seconds,
                    work: watch.work(of: peer.name), cost: watch.cost(of: peer.name),
                    isSpare: member?.role == .standby)
            })
    }
}
