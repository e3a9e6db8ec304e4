import Synchronization
import Tensors
import Testing

@Suite("Thread team")
struct ThreadTeamTests {
    @Test("every part is computed exactly once by any number of threads", arguments: [1, 2, 3, 8])
    func parts(threads: Int) {
        let done = Mutex([Int](repeating: 0, count: 100))
        ThreadTeam(threads: threads).working {
            ThreadTeam.forEach(100) { part in done.withLock { $0[part] += 1 } }
        }
        #expect(done.withLock { $0 } == [Int](repeating: 1, count: 100))
    }

    @Test("results have the order of the parts")
    func order() {
        let squares = ThreadTeam(threads: 4).working { ThreadTeam.map(50) { $0 * $0 } }
        #expect(squares == (0..<50).map { $0 * $0 })
        #expect(ThreadTeam.map(3) { $0 } == [0, 1, 2])
        #expect(ThreadTeam(threads: 2).working { ThreadTeam.map(0) { $0 } }.isEmpty)
    }

    @Test("computations inside a part are not shared further")
    func nesting() {
        let sums = ThreadTeam(threads: 3).working {
            ThreadTeam.map(6) { part in ThreadTeam.map(part) { $0 }.reduce(0, +) }
        }
        #expect(sums == [0, 0, 1, 3, 6, 10])
    }
}
