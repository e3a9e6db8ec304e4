import TensorTesting
import Tensors
import Testing

/// Gradients against their own Float64 references, at sizes for which finite differences are too slow.
@Suite("Gradient twins")
struct GradientTwinTests {
    private func input(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Tensor {
        .random(rows: rows, columns: columns, seed: seed)
    }

    private func expectAgreement(
        of inputs: [Tensor], tolerance: Double = 2e-6,
        twin: ([Matrix64], Matrix64) -> [Matrix64], _ operation: ([Tensor]) -> Tensor
    ) {
        let tape = Tape()
        let variables = inputs.map { tape.variable($0) }
        let value = operation(variables)
        let dy = input(value.rows, value.columns, 90)
        let gradients = tape.gradients(from: value, seed: dy)
        let exact = twin(inputs.map { Matrix64($0) }, Matrix64(dy))
        for (variable, exact) in zip(variables, exact) {
            let gradient = gradients[variable]
            #expect(gradient.map { relativeError(Matrix64($0), exact) } ?? 1 < tolerance)
        }
    }

    @Test func linear() {
        expectAgreement(of: [input(700, 33, 1), input(50, 33, 2), input(1, 50, 3)]) {
            let g = $0[0].linearGradients($0[1], of: $1)
            return [g.input, g.weight, g.bias]
        } _: {
            $0[0].linear($0[1], bias: $0[2])
        }
    }

    @Test(arguments: [64, 512]) func mlp(hidden: Int) {
        let inputs = [
            input(300, 16, 1), input(hidden, 16, 2), input(1, hidden, 3), input(16, hidden, 4),
            input(1, 16, 5),
        ]
        expectAgreement(of: inputs) {
            let g = $0[0].mlpGradients(fc1: $0[1], $0[2], fc2: $0[3], of: $1)
            return [g.input, g.w1, g.b1, g.w2, g.b2]
        } _: {
            $0[0].mlp(fc1: $0[1], $0[2], fc2: $0[3], $0[4])
        }
    }

    @Test func gelu() {
        expectAgreement(of: [input(200, 37, 1)]) {
            [$0[0].geluGradient(of: $1)]
        } _: {
            $0[0].gelu()
        }
    }

    @Test func norms() {
        let inputs = [input(500, 48, 1), input(1, 48, 2), input(1, 48, 3)]
        expectAgreement(of: inputs) {
            let g = $0[0].layerNormGradients(scale: $0[1], of: $1)
            return [g.input, g.scale, g.shift]
        } _: {
            $0[0].layerNorm(scale: $0[1], shift: $0[2])
        }
        expectAgreement(of: inputs) {
            let g = $0[0].batchNormGradients(scale: $0[1], of: $1)
            return [g.input, g.scale, g.shift]
        } _: {
            $0[0].batchNormTraining(scale: $0[1], shift: $0[2]).value
        }
    }

    @Test func softmax() {
        expectAgreement(of: [input(300, 13, 1)]) {
            [$0[0].softmaxGradient(of: $1)]
        } _: {
            $0[0].softmax()
        }
    }

    @Test func convolution() {
        let map = VoxelSheet(count: 400, seed: 1).map(size: 3)
        expectAgreement(
            of: [input(400, 20, 1), input(24, map.volume * 20, 2), input(1, 24, 3)]
        ) {
            let g = $0[0].convolutionGradients(weight: $0[1], map: map, of: $1)
            return [g.input, g.weight, g.bias]
        } _: {
            $0[0].submanifoldConvolution(weight: $0[1], bias: $0[2], map: map)
        }
    }

    @Test func attention() {
        let plan = PatchPlan(
            rows: 150, starts: [0, 70, 150], keys: (0..<150).map { Int32($0 * 7 % 150) },
            queries: [70, 80])
        expectAgreement(of: [input(150, 3 * 48, 1)], tolerance: 5e-6) {
            [$0[0].patchAttentionGradient(heads: 3, plan: plan, of: $1)]
        } _: {
            $0[0].patchAttention(heads: 3, plan: plan)
        }
    }

    @Test func rows() {
        let index: [Int32] = (0..<120).map { $0 * 11 % 40 }
        expectAgreement(of: [input(40, 19, 1)]) {
            [$1.gatherRowsGradient(index, rows: $0[0].rows)]
        } _: {
            $0[0].gatherRows(index)
        }
        let segments = Segments(segmentOfRow: index, count: 40)
        expectAgreement(of: [input(120, 19, 1)]) {
            [$0[0].segmentMaxGradient(segments, of: $1)]
        } _: {
            $0[0].segmentMax(segments)
        }
        expectAgreement(of: [input(120, 19, 1)]) {
            [$1.segmentMeanGradient(segments)]
        } _: {
            $0[0].segmentMean(segments)
        }
        expectAgreement(of: [input(40, 19, 1)]) {
            [$1.gatherRowsGradient(segments.segmentOfRow, rows: $0[0].rows)]
        } _: {
            $0[0].gatherRows(segments: segments)
        }
    }

    @Test func adamW() {
        let count = 333
        let state = AdamWState(
            values: input(1, count, 1), firstMoment: input(1, count, 2),
            secondMoment: input(1, count, 3) * input(1, count, 3))
        let gradient = input(1, count, 4)
        let numbers = AdamWState.Coefficients(weightDecay: 0.1, count: 7)
        let next = state.updated(gradient: gradient, rates: [(count, 0.01)], numbers)
        let exact = Matrix64.adamW(
            values: Matrix64(state.values), firstMoment: Matrix64(state.firstMoment),
            secondMoment: Matrix64(state.secondMoment), gradient: Matrix64(gradient), rate: 0.01,
            numbers)
        #expect(relativeError(Matrix64(next.values), exact.values) < 1e-6)
        #expect(relativeError(Matrix64(next.firstMoment), exact.firstMoment) < 1e-6)
        #expect(relativeError(Matrix64(next.secondMoment), exact.secondMoment) < 1e-6)
    }
}
