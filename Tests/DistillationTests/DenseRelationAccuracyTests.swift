import Distillation
import Networks
import PointClouds
import Tensors
import Testing

/// Accuracy of Float32 Gram matrices in the worst case: a student close to its teacher, so that value and
/// gradient are small differences of large numbers.
@Suite struct DenseRelationAccuracyTests {
    private let sizes = [1500, 700, 1800]
    private let width = 12

    private func random(seed: UInt64) -> Tensor {
        var generator = CounterGenerator(seed: seed, purpose: .init("features"))
        return Tensor(rows: sizes.reduce(0, +), columns: width) { values in
            for index in values.indices { values[index] = generator.normal() }
        }
    }

    /// Rows of length 1 in Float64.
    private func unit(_ features: Tensor) -> [[Double]] {
        let values = features.values.map(Double.init)
        return (0..<features.rows).map { row in
            let row = values[row * width..<(row + 1) * width]
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return row.map { $0 / length }
        }
    }

    private func gram(_ a: ArraySlice<[Double]>, _ b: ArraySlice<[Double]>) -> [Double] {
        var sum = [Double](repeating: 0, count: width * width)
        for (a, b) in zip(a, b) {
            for i in 0..<width {
                for j in 0..<width { sum[i * width + j] += a[i] * b[j] }
            }
        }
        return sum
    }

    private func distance(_ s: ArraySlice<[Double]>, _ t: ArraySlice<[Double]>) -> Double {
        let square: ([Double]) -> Double = { $0.reduce(0) { $0 + $1 * $1 } }
        return square(gram(s, s)) + square(gram(t, t)) - 2 * square(gram(t, s))
    }

    @Test(arguments: [Float(1), 0.1, 0.01]) func accuracyStaysWithinDocumentedBounds(apart: Float)
        throws
    {
        let teacher = random(seed: 1)
        let tape = Tape()
        let student = tape.variable(teacher + random(seed: 2).scaled(by: apart))
        let hierarchy = try PointHierarchy(
            gridCoordinates: sizes.map { size in (0..<Int32(size)).map { SIMD3($0, 0, 0) } },
            strides: [], orders: [.z])
        let ranges = hierarchy.stages[0].cloudRanges
        let end = sizes.reduce(0, +)
        let logits = Tensor(rows: end, columns: 1, filledWith: 0)
        let input = ObjectiveInput(
            hierarchy: hierarchy,
            positions: sizes.map { Array(repeating: SIMD3(), count: $0) }, samples: [0, 1, 2],
            cloudIDs: [0, 1, 2],
            labels: [Int32](repeating: ObjectiveInput.ignored, count: end), classes: 1,
            student: NetworkOutputs(
                logits: logits, features: [(.lastDecoderStage, student)]),
            teacher: NetworkOutputs(
                logits: logits, features: [(.lastDecoderStage, teacher)]), seed: 1, step: 0)
        let objective = DenseRelation()
        let share = try objective.loss(
            of: input, given: Totals(objective.contribution(of: input)))
        let gradient = try #require(tape.gradients(from: share)[student])

        let (s, t) = (unit(student), unit(teacher))
        let squares = sizes.reduce(0) { $0 + Double($1 * $1) }
        let pairs = Double(end * end) - squares
        let inside = ranges.reduce(0) { $0 + distance(s[$1], t[$1]) }
        let value = inside / squares + (distance(s[...], t[...]) - inside) / pairs
        #expect(abs(Double(share.scalar) - value) < 1e-7)

        var error = 0.0
        var norm = 0.0
        let whole = (ss: gram(s[...], s[...]), ts: gram(t[...], s[...]))
        for range in ranges {
            let own = (ss: gram(s[range], s[range]), ts: gram(t[range], s[range]))
            let mix: ([Double], [Double]) -> [Double] = { own, whole in
                zip(own, whole).map { $0 / squares + ($1 - $0) / pairs }
            }
            let (kept, wanted) = (mix(own.ss, whole.ss), mix(own.ts, whole.ts))
            for row in range {
                var flow = [Double](repeating: 0, count: width)
                for i in 0..<width {
                    for j in 0..<width {
                        flow[j] +=
                            4
                            * (s[row][i] * kept[i * width + j] - t[row][i] * wanted[i * width + j])
                    }
                }
                let along = zip(flow, s[row]).reduce(0) { $0 + $1.0 * $1.1 }
                let length = (0..<width).reduce(0.0) {
                    $0 + Double(student[row, $1]) * Double(student[row, $1])
                }.squareRoot()
                for j in 0..<width {
                    let exact = (flow[j] - along * s[row][j]) / length
                    error += (Double(gradient[row, j]) - exact) * (Double(gradient[row, j]) - exact)
                    norm += exact * exact
                }
            }
        }
        #expect((error / norm).squareRoot() < 5e-7 / Double(min(apart, 1)))
    }
}
