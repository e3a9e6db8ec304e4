import Cluster
import Foundation
import Synchronization
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
}
