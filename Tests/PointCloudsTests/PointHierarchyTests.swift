import PointCloudTesting
import PointClouds
import Tensors
import Testing

@Suite struct PointHierarchyTests {
    static let clouds = [
        randomCells(400, side: 24, seed: 1), randomCells(90, side: 9, seed: 2), [],
        [SIMD3<Int32>(0, 0, 0)], randomCells(250, side: 40, seed: 3),
    ]

    private func hierarchy(
        _ clouds: [[SIMD3<Int32>]] = clouds, strides: [Int] = [2, 4, 2],
        shuffle: PointHierarchy.OrderShuffle? = nil
    ) throws -> PointHierarchy {
        try PointHierarchy(gridCoordinates: clouds, strides: strides, shuffle: shuffle)
    }

    @Test func everyOrderIsAPermutationWithinEachCloudThatSortsItsCodes() throws {
        for stage in try hierarchy().stages {
            for (place, order) in stage.orders.enumerated() {
                for (cloud, range) in stage.cloudRanges.enumerated() {
                    let rows = order[range].map { Int($0) }
                    #expect(rows.sorted() == Array(range))
                    let codes = stage.curves[cloud][place].codes(
                        of: rows.map { stage.gridCoordinates[$0] }, depth: stage.depths[cloud])
                    #expect(zip(codes, codes.dropFirst()).allSatisfy { $0 < $1 })
                }
            }
        }
    }

    @Test func ordersAgreeWithSortingEveryStageAnew() throws {
        let cells = Self.clouds[0]
        let stages = try hierarchy([cells], strides: [2, 2, 2]).stages
        let plain = plainOrders(
            of: cells, depth: stages[0].depths[0], poolings: 3, curves: CurveOrder.allCases)
        #expect(stages.map(\.orders) == plain)
    }

    /// Curves of their own have the levels of their own grid, whatever the stride.
    @Test(arguments: [[2, 2, 2], [3, 5, 1], [4, 2, 7]])
    func ownCurvesSortTheCodesOfTheirOwnGrid(strides: [Int]) throws {
        let rule = DepthRule(measure: .cellsPerSide)
        let hierarchy = try PointHierarchy(
            gridCoordinates: Self.clouds, strides: strides, depthRule: rule,
            stageCurves: .own(attending: [false, true, true, true]))
        #expect(hierarchy.stages[0].orders.isEmpty)
        var factor: Int32 = 1
        for (place, stage) in hierarchy.stages.enumerated() {
            if place > 0 { factor *= Int32(strides[place - 1]) }
            for (cloud, range) in stage.cloudRanges.enumerated() {
                let cells = Array(stage.gridCoordinates[range])
                if place > 0 {
                    let parents = Set(Self.clouds[cloud].map { $0 / factor })
                    #expect(cells.count == parents.count && Set(cells) == parents)
                }
                let largest = cells.reduce(0) { max($0, $1.max()) }
                #expect(stage.depths[cloud] == Int32.bitWidth - (largest + 1).leadingZeroBitCount)
                for (curve, order) in zip(CurveOrder.allCases, stage.orders) {
                    let rows = order[range].map { Int($0) }
                    #expect(rows.sorted() == Array(range))
                    let codes = curve.codes(
                        of: rows.map { stage.gridCoordinates[$0] }, depth: stage.depths[cloud])
                    #expect(zip(codes, codes.dropFirst()).allSatisfy { $0 < $1 })
                }
            }
            guard let pooling = stage.pooling else { continue }
            let finer = hierarchy.stages[place - 1]
            for (row, segment) in pooling.segmentOfRow.enumerated() {
                #expect(
                    stage.gridCoordinates[Int(segment)]
                        == finer.gridCoordinates[row] / Int32(strides[place - 1]))
            }
        }
    }

    @Test func teamOfThreadsMakesTheSameGeometry() throws {
        func geometry(_ hierarchy: PointHierarchy) -> [[Int32]] {
            hierarchy.stages.flatMap { stage in
                let map = stage.kernelMap(size: 5)
                return stage.orders + [map.starts, map.inputs, map.outputs]
            }
        }
        let alone = geometry(try hierarchy())
        let shared = try ThreadTeam(threads: 3).working { geometry(try hierarchy()) }
        #expect(alone == shared)
    }

    @Test func rowPoolsTheRowsInItsCell() throws {
        let stages = try hierarchy().stages
        #expect(stages[0].pooling == nil)
        for (fine, coarse) in zip(stages, stages.dropFirst()) {
            let pooling = try #require(coarse.pooling)
            #expect(pooling.rows == fine.rows && pooling.count == coarse.rows)
            for (row, cell) in fine.gridCoordinates.enumerated() {
                let parent = Int(pooling.segmentOfRow[row])
                let cloud = try #require(fine.cloudRanges.firstIndex { $0.contains(row) })
                #expect(coarse.cloudRanges[cloud].contains(parent))
                let dropped = fine.depths[cloud] - coarse.depths[cloud]
                #expect(coarse.gridCoordinates[parent] == cell &>> Int32(dropped))
            }
            for segment in 0..<pooling.count {
                let members = pooling.members[
                    Int(pooling.starts[segment])..<Int(pooling.starts[segment + 1])]
                #expect(!members.isEmpty)
                #expect(members.allSatisfy { pooling.segmentOfRow[Int($0)] == segment })
                #expect(zip(members, members.dropFirst()).allSatisfy { $0 < $1 })
            }
            for range in coarse.cloudRanges {
                #expect(Set(coarse.gridCoordinates[range]).count == range.count)
            }
        }
        // The composite of the poolings.
        let whole = try hierarchy().segments(ofStage: 2).segmentOfRow
        #expect(
            whole
                == stages[1].pooling!.segmentOfRow.map {
                    stages[2].pooling!.segmentOfRow[Int($0)]
                })
    }

    @Test func geometryOfACloudDoesNotDependOnOtherClouds() throws {
        let together = try hierarchy()
        for (cloud, cells) in Self.clouds.enumerated() {
            let alone = try hierarchy([cells])
            for (stage, own) in zip(together.stages, alone.stages) {
                let range = stage.cloudRanges[cloud]
                #expect(Array(stage.gridCoordinates[range]) == own.gridCoordinates)
                for (order, ownOrder) in zip(stage.orders, own.orders) {
                    #expect(order[range].map { $0 - Int32(range.lowerBound) } == ownOrder)
                }
            }
        }
    }

    @Test func depthRulesDiffer() throws {
        let cells = [SIMD3<Int32>(7, 0, 0), SIMD3<Int32>(1, 2, 3)]
        let far = [SIMD3<Int32>(100, 0, 0)]
        func depths(_ rule: DepthRule) throws -> [Int] {
            try PointHierarchy(gridCoordinates: [cells, far], strides: [], depthRule: rule)
                .stages[0].depths
        }
        #expect(try depths(DepthRule()) == [3, 7])
        #expect(try depths(DepthRule(measure: .cellsPerSide)) == [4, 7])
        #expect(try depths(DepthRule(scope: .wholeBatch)) == [7, 7])
    }

    @Test func curvesAreShuffledCloudByCloud() throws {
        let samples: [UInt64] = [10, 11, 12, 13, 14]
        let shuffled = try hierarchy(
            shuffle: .init(seed: 1, step: 2, samples: samples))
        let plain = try hierarchy()
        var differing = 0
        for (stage, ordered) in zip(shuffled.stages, plain.stages) {
            #expect(stage.gridCoordinates == ordered.gridCoordinates)
            for (cloud, range) in stage.cloudRanges.enumerated() {
                #expect(Set(stage.curves[cloud]) == Set(CurveOrder.allCases))
                if stage.curves[cloud] != CurveOrder.allCases { differing += 1 }
                for (place, curve) in stage.curves[cloud].enumerated() {
                    let usual = CurveOrder.allCases.firstIndex(of: curve)!
                    #expect(stage.orders[place][range] == ordered.orders[usual][range])
                }
            }
        }
        #expect(differing > 0)
        let alone = try hierarchy(
            [Self.clouds[4]], shuffle: .init(seed: 1, step: 2, samples: [14]))
        for (stage, own) in zip(shuffled.stages, alone.stages) {
            #expect(stage.curves[4] == own.curves[0])
        }
    }

    @Test func invalidGridsAreRefused() {
        #expect(throws: PointCloudError.self) {
            try hierarchy([[SIMD3(1, 1, 1), SIMD3(0, 0, 0), SIMD3(1, 1, 1)]])
        }
        #expect(throws: PointCloudError.self) { try hierarchy([[SIMD3(-1, 0, 0)]]) }
        #expect(throws: PointCloudError.self) { try hierarchy([[SIMD3(1 << 20, 0, 0)]]) }
        #expect(throws: PointCloudError.self) { try hierarchy(strides: [3]) }
    }

    @Test func positionsArePooledByTheirMean() throws {
        let stage = try hierarchy([[SIMD3(0, 0, 0), SIMD3(1, 0, 0), SIMD3(5, 5, 5)]]).stages[1]
        let pooled = stage.pooled(positions: [SIMD3(0, 0, 2), SIMD3(1, 1, 0), SIMD3(9, 9, 9)])
        #expect(pooled == [SIMD3(0.5, 0.5, 1), SIMD3(9, 9, 9)])
    }
}
