import Cluster
import Foundation
import Glibc
import Synchronization
import Tensors
import Testing

@Suite("A worker's threads")
struct ComputePoolTests {
    @Test("jobs come before idle ones, and of those the soonest, each in the order it came")
    func order() {
        let pool = ComputePool(threads: 1)
        let said = Mutex<[String]>([])
        let (begun, open, done) = (
            DispatchSemaphore(value: 0), DispatchSemaphore(value: 0), DispatchSemaphore(value: 0)
        )
        // The thread is held up until everything waits.
        pool.submit {
            begun.signal()
            open.wait()
        }
        begun.wait()
        for (order, name) in [(5, "late"), (4, "soon"), (5, "later"), (4, "sooner")] {
            pool.submitIdle(order: order) {
                said.withLock { $0.append(name) }
                if name == "later" { done.signal() }
            }
        }
        for name in ["first", "second"] { pool.submit { said.withLock { $0.append(name) } } }
        open.signal()
        done.wait()
        #expect(said.withLock { $0 } == ["first", "second", "soon", "sooner", "late", "later"])
        pool.close()
    }

    @Test("one that rises goes on with the buffers of the threads that stood back")
    func rising() {
        let pool = ComputePool(threads: 1, isStandby: true)
        func there() -> (policy: Int32, counts: PoolCounts) {
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
        let (before, _) = (there(), there())
        while pool.waiting < 1 { sched_yield() }
        pool.leaveStandby()
        let after = there()
        #expect(before.policy == 5 && after.policy == 3, "SCHED_IDLE, then SCHED_BATCH")
        #expect(after.counts.taken > before.counts.taken, "counted on in the same pool")
        #expect(after.counts.systemAllocations == before.counts.systemAllocations)
        pool.close()
    }
}
