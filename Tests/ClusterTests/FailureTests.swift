import Cluster
import Testing
import Training

/// Workers that say that their work cannot be done.
@Suite struct FailureTests {
    private var machine = CoordinatorMachine(
        settings: .init(shards: 4, buckets: 1, exchanges: 0, steps: 4, minimumWorkers: 3)
    ) { _ in (0..<4).map { Lease.Shard(shard: $0, samples: [.init(sample: $0, place: $0)]) } }

    init() {
        for worker in [1, 2, 3] as [WorkerID] { join(worker, "name \(worker)") }
    }

    private mutating func join(_ worker: WorkerID, _ identity: String) {
        _ = machine.handle(.joined(worker, identity: identity), at: .zero)
        _ = machine.handle(.ready(worker, threads: 1), at: .zero)
    }

    /// The reasons for which workers are dismissed, and whether the run ends.
    private mutating func fail(_ worker: WorkerID) -> (dismissed: [LossReason], ends: Bool) {
        let actions = machine.handle(.failed(worker, reason: "it fails"), at: .seconds(1))
        var reasons: [LossReason] = []
        var ends = false
        for action in actions {
            switch action {
            case .dismissed(_, let reason, _): reasons.append(reason)
            case .failed: ends = true
            default: break
            }
        }
        return (reasons, ends)
    }

    @Test("the run ends when the last worker that has not failed fails")
    mutating func runEndsWithTheLastWorker() {
        #expect(fail(1) == ([.failed("it fails")], false))
        #expect(fail(2) == ([.failed("it fails")], false))
        #expect(fail(3) == ([], true))
    }

    @Test("a worker that connects anew and fails again does not end the run")
    mutating func repeatedFailureIsOneWorkers() {
        #expect(fail(1) == ([.failed("it fails")], false))
        for worker in [4, 5, 6] as [WorkerID] {
            join(worker, "name 1")
            #expect(fail(worker) == ([.failedAgain("it fails")], false))
        }
        join(7, "name 1")
        #expect(fail(2).ends == false)
        #expect(fail(3).ends, "the only other worker has failed before")
    }

    @Test("a worker that fails under the name of another does not fail for it")
    mutating func failureUnderAnotherName() {
        join(4, "name 1")
        #expect(fail(4) == ([.failed("it fails")], false))
        #expect(fail(2).ends == false && fail(3).ends == false, "worker 1 has not failed")
        #expect(fail(1).ends)
    }
}
