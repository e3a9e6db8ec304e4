import PointCloudTesting
import PointClouds
import Tensors
import Testing

@Suite struct CurveOrderTests {
    @Test(arguments: CurveOrder.allCases)
    func codesAgreeWithTheReferenceAndAreInvertible(curve: CurveOrder) {
        for depth in [0, 1, 2, 5, 10, 16, 20] {
            let cells = (0..<50).map { index in
                var generator = CounterGenerator(
                    seed: UInt64(depth), sample: UInt64(index), purpose: .init("cell"))
                return SIMD3<Int32>(
                    Int32(generator.index(below: 1 << depth)),
                    Int32(generator.index(below: 1 << depth)),
                    Int32(generator.index(below: 1 << depth)))
            }
            let codes = curve.codes(of: cells, depth: depth)
            for (cell, code) in zip(cells, codes) {
                #expect(code == plainCode(of: cell, depth: depth, curve: curve))
                #expect(curve.cell(of: code, depth: depth) == cell)
            }
            let second = curve.codes(of: cells, depth: depth, cloud: 3)
            #expect(second == codes.map { $0 | 3 << UInt64(3 * depth) })
        }
    }

    @Test(arguments: CurveOrder.allCases)
    func codesNumberEveryCellOfACubeOnce(curve: CurveOrder) {
        let cells = (0..<Int32(512)).map { number in
            SIMD3<Int32>(number >> 6, (number >> 3) & 7, number & 7)
        }
        let codes = curve.codes(of: cells, depth: 3)
        #expect(codes.sorted() == (0..<512).map { UInt64($0) })
        if curve == .hilbert || curve == .hilbertTransposed {
            for code in 1..<UInt64(512) {
                let step = curve.cell(of: code, depth: 3) &- curve.cell(of: code - 1, depth: 3)
                #expect(abs(step.x) + abs(step.y) + abs(step.z) == 1)
            }
        }
    }

    @Test(arguments: CurveOrder.allCases)
    func codeOfAParentIsTheCodeWithoutItsLastBits(curve: CurveOrder) {
        let cells = randomCells(200, side: 64, seed: 5)
        let parents = cells.map { $0 &>> 1 }
        #expect(
            curve.codes(of: parents, depth: 5) == curve.codes(of: cells, depth: 6).map { $0 >> 3 })
    }

    @Test func radixSortIsStable() {
        for (count, bits) in [(0, 8), (1, 8), (2, 1), (500, 3), (500, 64), (5000, 40), (5000, 12)] {
            var generator = CounterGenerator(seed: UInt64(count + bits), purpose: .init("keys"))
            let keys = (0..<count).map { _ in generator.next() >> UInt64(64 - bits) }
            #expect(sortingOrder(keys) == plainOrder(of: keys))
        }
    }
}
