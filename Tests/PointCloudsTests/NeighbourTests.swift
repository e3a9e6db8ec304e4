import CKernels
import PointCloudTesting
import PointClouds
import Tensors
import Testing

@Suite struct NeighbourTests {
    /// The pairs of a stage's clouds, place by place.
    private func plainPairs(_ stage: PointHierarchy.Stage, size: Int) -> [[SIMD2<Int32>]] {
        var places = [[SIMD2<Int32>]](repeating: [], count: size * size * size)
        for range in stage.cloudRanges {
            let own = PointCloudTesting.plainPairs(
                of: Array(stage.gridCoordinates[range]), size: size)
            for (place, pairs) in own.enumerated() {
                places[place] += pairs.map { $0 &+ Int32(range.lowerBound) }
            }
        }
        return places
    }

    @Test(arguments: [1, 3, 5])
    func neighboursAgreeWithAllPairs(size: Int) throws {
        let hierarchy = try PointHierarchy(
            gridCoordinates: PointHierarchyTests.clouds, strides: [2, 2])
        for stage in hierarchy.stages {
            let map = stage.kernelMap(size: size)
            #expect(map.rows == stage.rows && map.volume == size * size * size)
            for (place, pairs) in plainPairs(stage, size: size).enumerated() {
                let ours = (Int(map.starts[place])..<Int(map.starts[place + 1])).map {
                    SIMD2(map.inputs[$0], map.outputs[$0])
                }
                #expect(ours == pairs)
            }
        }
    }

    @Test func neighboursStayWithinTheGridAtItsLastCorner() throws {
        let last = Int32(1 << 20) - 1
        let cells = [
            SIMD3<Int32>(last, last, last), SIMD3<Int32>(last, last, last - 2),
            SIMD3<Int32>(0, last, 0), SIMD3<Int32>(0, 0, 0),
        ]
        let stage = try PointHierarchy(gridCoordinates: [cells], strides: []).stages[0]
        let map = stage.kernelMap(size: 5)
        #expect(map.inputs.count == 6)
        #expect(plainPairs(stage, size: 5).flatMap { $0 }.count == 6)
    }

    @Test(arguments: [0, 3, 4]) func everyKernelWidthFindsTheSameNeighbours(width: Int) throws {
        defer { dj_set_thread_width(-1) }
        dj_set_thread_width(Int32(width))
        let cells = randomCells(1500, side: 30, seed: 12)
        let hierarchy = try PointHierarchy(gridCoordinates: [cells], strides: [2])
        let map = hierarchy.stages[1].kernelMap(size: 5)
        dj_set_thread_width(-1)
        let widest = try PointHierarchy(gridCoordinates: [cells], strides: [2])
        #expect(hierarchy.stages.map(\.orders) == widest.stages.map(\.orders))
        let other = widest.stages[1].kernelMap(size: 5)
        #expect(map.starts == other.starts)
        #expect(map.inputs == other.inputs && map.outputs == other.outputs)
    }

    @Test func kernelMapIsMadeOnceForAllThreads() async throws {
        let stage = try PointHierarchy(
            gridCoordinates: [randomCells(2000, side: 20, seed: 9)], strides: []
        ).stages[0]
        let totals = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<4 { group.addTask { stage.kernelMap(size: 3).inputs.count } }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        #expect(totals.count == 1)
    }
}
