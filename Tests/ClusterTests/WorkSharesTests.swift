import Cluster
import Testing
import Training

@Suite struct WorkSharesTests {
    @Test(arguments: [1, 3, 4, 8, 13], [[1], [1, 1], [2, 1], [1, 1, 1], [4, 2, 1, 1, 1]])
    func everyShardHasOneWorker(count: Int, threads: [Int]) {
        let offers = threads.enumerated().map {
            (worker: WorkerID($0), throughput: Double($1), load: 0)
        }
        let (split, shares) = divide([.root(shards: count)], of: count, among: offers)
        let given = shares.flatMap(\.nodes)
        #expect(given.flatMap { Array($0.shards(of: count)) }.sorted() == Array(0..<count))
        #expect(Set(split) == Set(given))
        if count >= threads.count && Set(threads).count == 1 {
            let loads = shares.map { $0.nodes.reduce(0) { $0 + $1.shards(of: count).count } }
            #expect(loads.max()! - loads.min()! <= 1)
        }
    }

    @Test func onlyPendingNodesAreDivided() {
        let pending = [TreeNode(level: 1, index: 1), TreeNode(level: 0, index: 6)]
        let offers = [
            (worker: WorkerID(1), throughput: 1.0, load: 2), (worker: 2, throughput: 1.0, load: 0),
        ]
        let (_, shares) = divide(pending, of: 8, among: offers)
        let given = shares.flatMap { $0.nodes.flatMap { Array($0.shards(of: 8)) } }
        #expect(given.sorted() == [2, 3, 6])
        #expect(shares.last?.worker == 2)
    }
}
