import CKernels
import Foundation
import TensorTesting
import Tensors
import Testing

@Suite("Accuracy")
struct AccuracyTests {
    /// Values from -limit to limit, not a multiple of the lanes.
    private func sweep(_ limit: Float, count: Int = 20_005) -> Tensor {
        Tensor(
            rows: 1, columns: count,
            (0..<count).map { limit * (2 * Float($0) / Float(count - 1) - 1) })
    }

    @Test("erf is within 2e-7", arguments: [4, 3, 0])
    func erfs(width: Int) {
        let x = sweep(7).values
        var y = x
        Kernels.withWidth(width) { unsafe dj_erf(x, &y, x.count) }
        let worst = zip(x, y).map { (Double($1) - erf(Double($0))).magnitude }.max() ?? 1
        #expect(worst <= 2.1e-7)
    }

    @Test("GELU keeps its relative accuracy far into the tail")
    func gelus() {
        let x = sweep(9)
        let exact = Matrix64(x).gelu()
        for (found, exact) in zip(x.gelu().values, exact.values) {
            #expect((Double(found) - exact).magnitude <= 4e-6 * exact.magnitude + 1e-30)
        }
        let near = sweep(1)
        #expect(relativeError(Matrix64(near.gelu()), Matrix64(near).gelu()) < 1e-7)
        let special = Tensor(rows: 1, columns: 4, [0, .infinity, -60, .nan]).gelu().values
        #expect(special[0] == 0 && special[1] == .infinity && special[2].magnitude < 1e-35)
        #expect(special[3].isNaN)
    }

    @Test("softmax and its logarithm stay accurate for large and equal logits")
    func softmaxes() {
        let wide = Tensor.random(rows: 7, columns: 1003, seed: 1, deviation: 30)
        #expect(largestDifference(wide.softmax(), Matrix64(wide).softmax().tensor) < 2e-6)
        #expect(relativeError(Matrix64(wide.logSoftmax()), Matrix64(wide).logSoftmax()) < 2e-7)
        let large = Tensor(rows: 2, columns: 3, [1e6, 1e6, -1e6, -3e38, -3e38, -3e38])
        let y = large.softmax().values
        #expect(y[0] == 0.5 && y[2] < 1e-30)
        #expect((y[3] - 1 / 3).magnitude < 1e-7)
        let log = large.logSoftmax().values
        #expect((log[3] + logf(3)).magnitude < 2e-7 && (log[2] + 2e6).magnitude < 1)
        let sums = wide.softmax().values.prefix(1003).reduce(0) { $0 + Double($1) }
        #expect((sums - 1).magnitude < 1e-6)
    }

    /// Mean 10 000, deviation 1.
    private let offset = Tensor.random(rows: 203, columns: 37, seed: 2, mean: 10_000)
    private let scale = Tensor.random(rows: 1, columns: 37, seed: 3)
    private let shift = Tensor.random(rows: 1, columns: 37, seed: 4)

    @Test("normalisations keep 1e-5 where the mean is 10 000 times the deviation")
    func largeMeans() {
        let layer = Matrix64(offset).layerNorm(scale: Matrix64(scale), shift: Matrix64(shift))
        #expect(
            relativeError(Matrix64(offset.layerNorm(scale: scale, shift: shift)), layer) < 1e-5)
        let batch = offset.batchNormTraining(scale: scale, shift: shift)
        let exact = Matrix64(offset).batchNormTraining(
            scale: Matrix64(scale), shift: Matrix64(shift))
        #expect(relativeError(Matrix64(batch.value), exact) < 1e-5)
        let (mean, variance) = Matrix64(offset).columnMoments()
        #expect(relativeError(Matrix64(batch.moments.mean), mean) < 1e-7)
        #expect(relativeError(Matrix64(batch.moments.variance), variance) < 1e-6)
        #expect(batch.moments.count == 203)
    }

    @Test(
        "layer normalisation is accurate where a row's first value lies far from the others; equal values yield the shift"
    )
    func outlyingFirstValue() {
        var values = Tensor.random(rows: 9, columns: 37, seed: 6).values
        for row in 0..<9 { values[37 * row] = row == 8 ? 1 : 1e5 }
        for column in 0..<37 { values[37 * 8 + column] = 1e5 }
        let x = Tensor(rows: 9, columns: 37, values)
        let exact = Matrix64(x).layerNorm(scale: Matrix64(scale), shift: Matrix64(shift))
        let y = x.layerNorm(scale: scale, shift: shift)
        #expect(relativeError(Matrix64(y), exact) < 1e-6)
        #expect(y.rows(8..<9).values == shift.values)
    }

    @Test("gradients of normalisations keep 1e-5 where the mean is 10 000 times the deviation")
    func gradientsOfLargeMeans() throws {
        let scaled = Tensor(rows: 1, columns: 37, filledWith: 1)
        let zero = Tensor.zeros(rows: 1, columns: 37)
        let centred = offset - Tensor(rows: 203, columns: 37, filledWith: 10_000)  // exact
        func gradient(_ x: Tensor, _ normalize: (Tensor) -> Tensor) throws -> Tensor {
            let tape = Tape()
            let x = tape.variable(x)
            let y = normalize(x)
            let seed = Tensor.random(rows: 203, columns: 37, seed: 5)
            return try #require(tape.gradients(from: y, seed: seed)[x])
        }
        for normalize in [
            { (x: Tensor) in x.layerNorm(scale: scaled, shift: zero) },
            { (x: Tensor) in x.batchNormTraining(scale: scaled, shift: zero).value },
        ] {
            let here = try gradient(offset, normalize)
            #expect(relativeError(here, try gradient(centred, normalize)) < 1e-5)
        }
    }

    @Test("sums over 900 000 values keep their digits")
    func longSums() {
        let x = Tensor(rows: 300_000, columns: 3, filledWith: 0.1)
        #expect(x.sum().scalar == Float(900_000 * Double(Float(0.1))))
        #expect(x.mean().scalar == 0.1)
        let tape = Tape()
        let bias = tape.variable(Tensor.zeros(rows: 1, columns: 3))
        let y = x.addedBias(bias)
        let gradient = tape.gradients(from: y, seed: x)[bias]
        #expect(
            gradient.map { relativeError($0, Tensor(rows: 1, columns: 3, filledWith: 30_000)) }
                ?? 1 < 1e-6)
    }

    @Test(
        "the fused multilayer perceptron equals its parts over many blocks of rows",
        arguments: [64, 520])
    func fusedPerceptron(hidden: Int) throws {
        let inputs = [
            Tensor.random(rows: 1100, columns: 16, seed: 1),
            .random(rows: hidden, columns: 16, seed: 2),
            .random(rows: 1, columns: hidden, seed: 3),
            .random(rows: 16, columns: hidden, seed: 4), .random(rows: 1, columns: 16, seed: 5),
        ]
        func run(_ network: ([Tensor]) -> Tensor) -> [Tensor?] {
            let tape = Tape()
            let bound = inputs.map { tape.variable($0) }
            let y = network(bound)
            let seed = Tensor.random(rows: 1100, columns: 16, seed: 6)
            let gradients = tape.gradients(from: y, seed: seed)
            return [y] + bound.map { gradients[$0] }
        }
        let fused = run { $0[0].mlp(fc1: $0[1], $0[2], fc2: $0[3], $0[4]) }
        let parts = run {
            $0[0].linear($0[1], bias: $0[2]).gelu().linear($0[3], bias: $0[4])
        }
        for (a, b) in zip(fused, parts) {
            #expect(relativeError(try #require(a), try #require(b)) < 1e-6)
        }
        let untaped = inputs[0].mlp(fc1: inputs[1], inputs[2], fc2: inputs[3], inputs[4])
        #expect(sameBits(untaped, try #require(fused[0])))
    }
}
