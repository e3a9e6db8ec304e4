import PointClouds
import Tensors
import Testing

@Suite struct PatchTests {
    /// The padded list of positions, built as the public implementation's description says.
    private func paddedPositions(_ points: Int, patchSize: Int) -> [Int] {
        guard points > patchSize else { return Array(0..<points) }
        let remainder = points % patchSize
        guard remainder > 0 else { return Array(0..<points) }
        let full = points / patchSize * patchSize
        return Array(0..<points) + (full - patchSize + remainder..<full)
    }

    @Test(arguments: [1, 7, 16, 48, 90, 1000])
    func everyRowIsAQueryOnceAndPatchesAreFull(patchSize: Int) throws {
        let hierarchy = try PointHierarchy(
            gridCoordinates: PointHierarchyTests.clouds, strides: [2])
        for stage in hierarchy.stages {
            for block in 0..<5 {
                let plan = stage.patchPlan(order: block, patchSize: patchSize)
                let order = stage.orders[block % 4]
                var seen: [Int32] = []
                for patch in 0..<plan.patches {
                    let keys = plan.keys[Int(plan.starts[patch])..<Int(plan.starts[patch + 1])]
                    seen += keys.prefix(Int(plan.queries[patch]))
                    #expect(keys.count <= patchSize && Set(keys).count == keys.count)
                }
                #expect(plan.rows == stage.rows && seen == order)
                let expected = stage.cloudRanges.flatMap { range in
                    paddedPositions(range.count, patchSize: patchSize).map {
                        order[range.lowerBound + $0]
                    }
                }
                #expect(plan.keys == expected)
            }
        }
    }

    @Test func lastPatchIsFilledWithTheTailOfThePreviousOne() {
        let plan = PatchPlan(order: Array(0..<10), cloudRanges: [0..<10], patchSize: 4)
        #expect(plan.starts == [0, 4, 8, 12])
        #expect(plan.keys == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 6, 7])
        #expect(plan.queries == [4, 4, 2])
    }
}
