import Foundation
import Messages
import Telemetry
import Training

// The workers' messages, as far as they concern the run.

extension CoordinatorDriver: WorkerServiceDelegate {
    var step: Int { machine.step }
    func member(_ worker: WorkerID) -> Member? { machine.member(worker) }
    var readyWorkers: Int { machine.active.count }

    func judgeNumerics(of hello: Hello) -> NumericsElection.Verdict {
        let verdict = election.judge(
            "\(hello.canary)", hasOthers: !service.listener.peers.all.isEmpty,
            patience: settings.heartbeatTimeout * 12, at: clock.now)
        if verdict == .replace, !settings.admitsOtherNumerics { dismissAll(.otherNumerics) }
        return verdict
    }

    /// Dismisses all workers, which have completed nothing, and begins the step anew: results of two
    /// kinds of arithmetic must not meet in it.
    func dismissAll(_ reason: LossReason) {
        for peer in service.listener.peers.all { service.listener.lose(peer.id, reason) }
        machine.restartStep()
    }

    func answer(_ request: StatusRequest) throws -> WireMessage {
        var status = status
        if request.traced { status.recent = recorder.watch.recentTrace.steps }
        let json = String(decoding: try JSONEncoder().encode(status), as: UTF8.self)
        return WireMessage(Status(json: json))
    }

    func record(_ event: ClusterEvent) { record(.cluster(event)) }

    func handle(_ event: CoordinatorMachine.Event, in message: WireMessage?) {
        // Before the machine handles it: a result that it does not expect is not recorded.
        let report = acceptable(event)
        let (start, before) = (threadTime(), machine.lastAdvance)
        let actions = machine.handle(event, at: clock.now)
        if case .partial = event {
            service.listener.traffic.gradients.time += threadTime() - start
        }
        // Messages alone are no progress: only results that were asked for and had not arrived are.
        hasProgressed = hasProgressed || machine.lastAdvance != before
        if let report { recordReport(report, message) }
        perform(actions)
    }

    /// A report that its worker was asked for, with times that the worker can have worked.
    ///
    /// Any worker may send any report, as often as it likes, and records must not grow by that.
    private func acceptable(_ event: CoordinatorMachine.Event) -> CoordinatorMachine.Event? {
        switch event {
        case .report(let worker, let step, let node, let report):
            machine.work.mostWork(on: node, step: step, by: worker, at: clock.now).map {
                .report(worker, step: step, node: node, report.limiting(work: $0))
            }
        case .evaluated(let worker, let version, let sample, _):
            machine.work.holds(sample, version: version, worker) ? event : nil
        default: nil
        }
    }

    /// Records what a message tells beyond the machine's concern.
    private func recordReport(_ event: CoordinatorMachine.Event, _ message: WireMessage?) {
        switch (event, message?.message) {
        case (.report(let worker, _, let node, let report), let fields as NodeReport):
            guard let peer = service.listener.peers[worker] else { return }
            recorder.record(
                report.times, shards: node.shards(of: state.plan.shape.shards).count,
                memory: MemoryUse(
                    peakBytes: Self.limited(fields.peakBytes),
                    pageFaults: Self.limited(fields.pageFaults),
                    buffers: Self.limited(fields.buffers)),
                of: peer, threads: machine.member(worker)?.threads ?? 1)
        case (.evaluated, _): record(recorder.recordLabelledSample(ofVersion: state.version))
        default: break
        }
    }

    /// A count that a worker states, limited so that sums over workers cannot overflow.
    private static func limited(_ count: UInt64) -> Int { Int(min(count, 1 << 48)) }
}
