import NetworkTesting
import Networks
import PointClouds
import Tensors
import Testing

@Suite struct DropPathTests {
    @Test func expectationOfDropPathIsThePlainBranch() {
        let dropPath = DropPath(ParameterScope()["branch"], rate: 0.3)
        let factors = (0..<20_000).map {
            dropPath.factor(seed: 1, step: $0 / 100, sample: UInt64($0 % 100))
        }
        #expect(Set(factors) == [0, 1 / (1 - Float(0.3))])
        let mean = factors.reduce(0, +) / Float(factors.count)
        #expect((mean - 1).magnitude < 0.015)
    }

    @Test func drawOfASampleDependsOnSeedStepSampleAndPath() {
        func factors(_ path: String, seed: UInt64 = 1, step: Int = 0) -> [Float] {
            let dropPath = DropPath(ParameterScope()[path], rate: 0.5)
            return (0..<64).map { dropPath.factor(seed: seed, step: step, sample: $0) }
        }
        #expect(factors("a") == factors("a"))
        #expect(factors("a") != factors("b"))
        #expect(factors("a") != factors("a", seed: 2))
        #expect(factors("a") != factors("a", step: 1))
    }

    /// A branch that computes twice what it is given.
    private func twice(_ branch: DropPath.Branch) -> Tensor {
        let doubled = branch.residual.scaled(by: 2)
        return branch.residual + (branch.factors.map { doubled.scaledRows(by: $0) } ?? doubled)
    }

    @Test func wholeCloudSkipsABranch() throws {
        let network = try PointTransformerV3(small)
        let scene = try Scene(for: network, voxels: [40, 30, 20], seed: 1)
        let stage = scene.hierarchy.stages[0]
        let dropPath = DropPath(ParameterScope()["branch"], rate: 0.5)
        let x = Tensor(rows: 90, columns: 2, filledWith: 1)
        for step in 0..<8 {
            let context = ForwardContext(
                .training(seed: 3, step: step, samples: [4, 5, 6]), of: network,
                network.initialWeights(seed: 1))
            let y = dropPath(x, at: StagePlace(stage: stage, curves: [0]), context, branch: twice)
            for (rows, sample) in zip(stage.cloudRanges, [4, 5, 6] as [UInt64]) {
                let expected = 1 + 2 * dropPath.factor(seed: 3, step: step, sample: sample)
                for row in rows { #expect(y[row, 0] == expected && y[row, 1] == expected) }
            }
        }
    }

    @Test func evaluationSkipsNothing() throws {
        let network = try PointTransformerV3(small)
        let scene = try Scene(for: network, voxels: [40], seed: 1)
        let dropPath = DropPath(ParameterScope()["branch"], rate: 0.9)
        let context = ForwardContext(.evaluation, of: network, network.initialWeights(seed: 1))
        let place = StagePlace(stage: scene.hierarchy.stages[0], curves: [0])
        let y = dropPath(
            Tensor(rows: 40, columns: 1, filledWith: 1), at: place, context, branch: twice)
        #expect(y.values == [Float](repeating: 3, count: 40))
    }

    @Test func curvesAreShuffledInTrainingOnly() throws {
        let network = try PointTransformerV3(small)
        let scene = try Scene(for: network, voxels: [40], seed: 1)
        let weights = network.initialWeights(seed: 1)
        func curves(_ mode: ForwardContext.Mode, shuffles: Bool = true) -> [[Int]] {
            StagePlace.all(
                of: scene.hierarchy, ForwardContext(mode, of: network, weights), shuffles: shuffles
            ).map(\.curves)
        }
        let given = [[Int]](repeating: [0, 1, 2, 3], count: 3)
        #expect(curves(.evaluation) == given)
        #expect(curves(.training(seed: 1, step: 0, samples: [0]), shuffles: false) == given)
        var firsts: Set<Int> = []
        for step in 0..<30 {
            let drawn = curves(.training(seed: 1, step: step, samples: [0]))
            #expect(drawn.allSatisfy { $0.sorted() == [0, 1, 2, 3] })
            firsts.insert(drawn[1][0])
        }
        #expect(firsts == [0, 1, 2, 3])
    }
}
