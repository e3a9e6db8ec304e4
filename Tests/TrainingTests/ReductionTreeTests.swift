import Tensors
import Testing
import Training

@Suite struct ReductionTreeTests {
    @Test(arguments: [1, 2, 3, 5, 7, 8, 13, 16])
    func coveringNodesAreDisjointAlignedAndComplete(count: Int) {
        for start in 0..<count {
            for end in (start + 1)...count {
                let nodes = TreeNode.covering(start..<end, of: count)
                #expect(nodes.flatMap { Array($0.shards(of: count)) } == Array(start..<end))
            }
        }
        #expect(TreeNode.covering(0..<count, of: count) == [.root(shards: count)])
    }

    /// The sum has the same bits for every grouping of shards and every order of results.
    @Test(arguments: [1, 2, 3, 5, 8, 11])
    func sumsDoNotDependOnTheDistributionOfShards(count: Int) {
        var random = CounterGenerator(seed: 3, purpose: .init("values"))
        let values = (0..<count).map { _ in random.normal() * 1e3 }
        func leafSum(_ node: TreeNode) -> Float {
            var tree = ReductionTree<Float>(shards: count, top: node) { $0 + $1 }
            for shard in node.shards(of: count).reversed() {
                tree.insert(values[shard], at: TreeNode(shard: shard))
            }
            return tree.result!
        }
        let expected = leafSum(.root(shards: count))
        for cut in 0...count {
            for second in cut...count {
                var nodes = [0..<cut, cut..<second, second..<count].filter { !$0.isEmpty }
                    .flatMap { TreeNode.covering($0, of: count) }
                var tree = ReductionTree<Float>(shards: count) { $0 + $1 }
                while !nodes.isEmpty {
                    let node = nodes.remove(at: random.index(below: nodes.count))
                    let isNew = tree.insert(leafSum(node), at: node)
                    #expect(isNew)
                }
                #expect(tree.result?.bitPattern == expected.bitPattern)
            }
        }
    }

    @Test func resultCountsOnce() {
        var tree = ReductionTree<Int>(shards: 4) { $0 + $1 }
        let left = TreeNode(level: 1, index: 0)
        func counts(_ value: Int, at node: TreeNode) -> Bool { tree.insert(value, at: node) }
        #expect(counts(1, at: TreeNode(shard: 0)))
        #expect(!counts(1, at: TreeNode(shard: 0)), "the same again")
        #expect(counts(2, at: TreeNode(shard: 1)))
        #expect(!counts(2, at: TreeNode(shard: 1)), "it stands in a larger sum")
        #expect(tree.contains(left))
        #expect(counts(10, at: TreeNode(level: 1, index: 1)))
        #expect(tree.result == 13)
        #expect(!counts(10, at: .root(shards: 4)))
    }

    /// A worker computed a part before it was lost, and another worker computed the whole.
    @Test func valueOfANodeReplacesItsDescendants() {
        var tree = ReductionTree<Int>(shards: 8) { $0 + $1 }
        func counts(_ value: Int, at node: TreeNode) -> Bool { tree.insert(value, at: node) }
        #expect(counts(1, at: TreeNode(shard: 1)))
        #expect(counts(4, at: TreeNode(level: 1, index: 1)))
        #expect(counts(100, at: TreeNode(level: 2, index: 0)))
        #expect(!counts(1, at: TreeNode(shard: 0)), "it stands in the whole")
        #expect(counts(1000, at: TreeNode(level: 2, index: 1)))
        #expect(tree.result == 1100)
    }

    /// 32 gradients, each in separate memory until it is summed: every addition reuses the memory of an
    /// operand, except for two operands that have another owner.
    @Test func sumsReuseTheMemoryOfTheirOperands() {
        let held = (0..<32).map { Tensor(rows: 1, columns: 500, filledWith: Float($0)) }
        var tree = ReductionTree<Tensor>(shards: 32, combine: GradientWire.float32.sum)
        let before = PoolCounts.ofThisThread.taken
        for (shard, gradient) in held.enumerated() {
            tree.insert(gradient, at: TreeNode(shard: shard))
        }
        #expect(PoolCounts.ofThisThread.taken - before == 16)
        #expect(tree.takeResult()?.values == [Float](repeating: 496, count: 500))
        #expect(held[7].values == [Float](repeating: 7, count: 500))
    }
}
