import Cluster
import Foundation
import Glibc
import Synchronization
import Tensors
import Testing

@Suite("A pool of compute threads")
struct ComputePoolTests {
    @Test("jobs run before idle jobs, and idle jobs by order, then by age")
    func jobsRunInOrder() {
        let pool = ComputePool(threads: 1)
        let names = Mutex<[String]>([])
        let (begun, open, done) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        // The thread is blocked until every job is queued: the order would otherwise be a race.
        pool.submit {
            begun.signal()
            open.wait()
        }
        begun.wait()
        for (order, name) in [(5, "late"), (4, "soon"), (5, "later"), (4, "sooner")] {
            pool.submitIdle(order: order) {
                names.withLock { $0.append(name) }
                if name == "later" { done.signal() }
            }
        }
        for name in ["first", "second"] { pool.submit { names.withLock { $0.append(name) } } }
        open.signal()
        done.wait()
        #expect(names.withLock { $0 } == ["first", "second", "soon", "sooner", "late", "later"])
        pool.close()
    }

    @Test("a pool that leaves standby continues with the buffers of its threads")
    func poolLeavesStandbyWithItsBuffers() {
        let pool = ComputePool(threads: 1, isStandby: true)
        func measure() -> (policy: Int32, counts: PoolCounts) {
            let found = Mutex<(Int32, PoolCounts)?>(nil)
            let done = DispatchSemaphore(value: 0)
            pool.submit {
                let policy = sched_getscheduler(0)
                _ = Tensor(rows: 300, columns: 300, [Float](repeating: 1, count: 90_000))
                found.withLock { $0 = (policy, .ofThisThread) }
                done.signal()
            }
            done.wait()
            return found.withLock { $0! }
        }
        let (before, _) = (measure(), measure())
        while pool.waiting < 1 { sched_yield() }
        pool.leaveStandby()
        let after = measure()
        #expect(before.policy == 5 && after.policy == 3, "SCHED_IDLE, then SCHED_BATCH")
        #expect(after.counts.taken > before.counts.taken, "counted on in the same pool")
        #expect(after.counts.systemAllocations == before.counts.systemAllocations)
        pool.close()
    }

    @Test("a thread of a standby pool has no generation once it was replaced")
    func replacedThreadHasNoGeneration() {
        let pool = ComputePool(threads: 1, isStandby: true)
        let found = Mutex<[Int?]>([])
        let (begun, replaced, done) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        pool.submit {
            found.withLock { $0.append(pool.generationOfThisThread) }
            begun.signal()
            replaced.wait()
            found.withLock { $0.append(pool.generationOfThisThread) }
            done.signal()
        }
        begun.wait()
        let generation = pool.leaveStandby()
        // The replaced thread still runs its job: the new one does not wait for it.
        pool.submit {
            found.withLock { $0.append(pool.generationOfThisThread) }
            replaced.signal()
        }
        done.wait()
        #expect(found.withLock { $0 } == [0, generation, nil])
        #expect(pool.generationOfThisThread == nil, "not a thread of the pool")
        pool.close()
    }
}
