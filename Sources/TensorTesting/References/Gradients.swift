import Foundation
package import Tensors

// The gradients of the operations that take most of a step's time, written from their formulas. Tests
// compare kernels with them at sizes where finite differences take too long, and benchmarks time both.

extension Matrix64 {
    /// The gradients of `linear(_:bias:)` by input, weight and bias.
    package func linearGradients(
        _ weight: Matrix64, of dy: Matrix64
    ) -> (input: Matrix64, weight: Matrix64, bias: Matrix64) {
        (dy.matmul(weight), dy.matmul(self, transposingSelf: true), dy.columnSums())
    }

    /// The sum of each column, 1 x columns.
    package func columnSums() -> Matrix64 {
        Matrix64(rows: 1, columns: columns) { _, column in
            (0..<rows).reduce(0) { $0 + self[$1, column] }
        }
    }

    /// The gradient of `gelu()`.
    package func geluGradient(of dy: Matrix64) -> Matrix64 {
        combined(with: dy) { x, dy in
            // erfc instead of 1 + erf, whose terms cancel for large negative values.
            let cdf = 0.5 * erfc(-x / 2.0.squareRoot())
            return dy * (cdf + x * exp(-x * x / 2) / (2 * Double.pi).squareRoot())
        }
    }

    /// The gradients of `mlp(fc1:_:fc2:_:)` by input, weights and biases.
    package func mlpGradients(
        fc1 w1: Matrix64, _ b1: Matrix64, fc2 w2: Matrix64, of dy: Matrix64
    ) -> (input: Matrix64, w1: Matrix64, b1: Matrix64, w2: Matrix64, b2: Matrix64) {
        let u = linear(w1, bias: b1)
        let second = u.gelu().linearGradients(w2, of: dy)
        let first = linearGradients(w1, of: u.geluGradient(of: second.input))
        return (first.input, first.weight, first.bias, second.weight, second.bias)
    }

    /// The gradients of `layerNorm(scale:shift:epsilon:addedTo:)` by input, scale and shift.
    package func layerNormGradients(
        scale: Matrix64, epsilon: Double = 1e-5, of dy: Matrix64
    ) -> (input: Matrix64, scale: Matrix64, shift: Matrix64) {
        let zero = Matrix64(rows: 1, columns: columns) { _, _ in 0 }
        let normal = layerNorm(scale: zero.map { _ in 1 }, shift: zero, epsilon: epsilon)
        var dx = self
        for row in 0..<rows {
            let x = self[row: row]
            let mean = x.reduce(0, +) / Double(columns)
            let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(columns)
            let g = zip(dy[row: row], scale.values).map { $0 * $1 }
            let meanG = g.reduce(0, +) / Double(columns)
            let slope = zip(g, normal[row: row]).reduce(0) { $0 + $1.0 * $1.1 } / Double(columns)
            for c in 0..<columns {
                dx[row, c] =
                    (g[c] - meanG - normal[row, c] * slope) / (variance + epsilon).squareRoot()
            }
        }
        return (dx, (dy * normal).columnSums(), dy.columnSums())
    }

    /// The gradients of `batchNormTraining(scale:shift:epsilon:gelu:)`, without GELU, by input,
    /// scale and shift.
    package func batchNormGradients(
        scale: Matrix64, epsilon: Double = 1e-3, of dy: Matrix64
    ) -> (input: Matrix64, scale: Matrix64, shift: Matrix64) {
        let (mean, variance) = columnMoments()
        let factor = variance.map { 1 / ($0 + epsilon).squareRoot() }
        let normal = Matrix64(rows: rows, columns: columns) {
            (self[$0, $1] - mean[0, $1]) * factor[0, $1]
        }
        let along = (dy * normal).columnSums()
        let all = dy.columnSums()
        let n = Double(rows)
        let dx = Matrix64(rows: rows, columns: columns) {
            let centred = dy[$0, $1] - all[0, $1] / n - normal[$0, $1] * along[0, $1] / n
            return scale[0, $1] * factor[0, $1] * centred
        }
        return (dx, along, all)
    }

    /// The gradient of `softmax()`.
    package func softmaxGradient(of dy: Matrix64) -> Matrix64 {
        let y = softmax()
        return Matrix64(
            rows: rows, columns: columns,
            (0..<rows).flatMap { row in
                let sum = zip(dy[row: row], y[row: row]).reduce(0) { $0 + $1.0 * $1.1 }
                return zip(dy[row: row], y[row: row]).map { ($0 - sum) * $1 }
            })
    }

    /// The gradients of `submanifoldConvolution(weight:bias:map:)` by input, weight and bias.
    package func convolutionGradients(
        weight: Matrix64, map: KernelMap, of dy: Matrix64
    ) -> (input: Matrix64, weight: Matrix64, bias: Matrix64) {
        var dx = Matrix64(rows: rows, columns: columns) { _, _ in 0 }
        var dw = Matrix64(rows: weight.rows, columns: weight.columns) { _, _ in 0 }
        for place in 0..<map.volume {
            for pair in Int(map.starts[place])..<Int(map.starts[place + 1]) {
                let (from, to) = (Int(map.inputs[pair]), Int(map.outputs[pair]))
                for output in 0..<weight.rows {
                    for input in 0..<columns {
                        let at = place * columns + input
                        dx[from, input] += dy[to, output] * weight[output, at]
                        dw[output, at] += dy[to, output] * self[from, input]
                    }
                }
            }
        }
        return (dx, dw, dy.columnSums())
    }

    /// The gradient of `patchAttention(heads:plan:)` by queries, keys and values.
    package func patchAttentionGradient(heads: Int, plan: PatchPlan, of dy: Matrix64) -> Matrix64 {
        let channels = columns / 3
        let width = channels / heads
        let scale = 1 / Double(width).squareRoot()
        var gradient = Matrix64(rows: rows, columns: columns) { _, _ in 0 }
        for patch in 0..<plan.patches {
            let keys = Array(plan.keys[Int(plan.starts[patch])..<Int(plan.starts[patch + 1])])
            let queries = Array(keys.prefix(Int(plan.queries[patch])))
            for head in 0..<heads {
                func part(_ number: Int, _ rows: [Int32]) -> Matrix64 {
                    let from = number * channels + head * width
                    return gatherRows(rows).columns(from..<from + width)
                }
                func add(_ part: Matrix64, _ number: Int, _ rows: [Int32]) {
                    for (index, row) in rows.enumerated() {
                        for c in 0..<width {
                            gradient[Int(row), number * channels + head * width + c] +=
                                part[index, c]
                        }
                    }
                }
                let (q, k, v) = (part(0, queries), part(1, keys), part(2, keys))
                let scores = q.matmul(k, transposingOther: true).scaled(by: scale)
                let own = dy.gatherRows(queries).columns(head * width..<(head + 1) * width)
                let byScore = scores.softmaxGradient(of: own.matmul(v, transposingOther: true))
                    .scaled(by: scale)
                add(byScore.matmul(k), 0, queries)
                add(byScore.matmul(q, transposingSelf: true), 1, keys)
                add(scores.softmax().matmul(own, transposingSelf: true), 2, keys)
            }
        }
        return gradient
    }
}

extension Matrix64 {
    /// The gradient of `gatherRows(_:)` by a matrix with `rows` rows; `self` is the gradient of the
    /// result.
    package func gatherRowsGradient(_ index: [Int32], rows: Int) -> Matrix64 {
        var dx = Matrix64(rows: rows, columns: columns) { _, _ in 0 }
        for (row, target) in index.enumerated() {
            for column in 0..<columns { dx[Int(target), column] += self[row, column] }
        }
        return dx
    }

    /// The gradient of `segmentMax(_:)`: a segment's gradient goes to its first maximal row.
    package func segmentMaxGradient(_ segments: Segments, of dy: Matrix64) -> Matrix64 {
        var dx = map { _ in 0 }
        for segment in 0..<segments.count {
            let members = segments[members: segment].map { Int($0) }
            for column in 0..<columns {
                let largest = members.map { self[$0, column] }.max()
                guard let row = members.first(where: { self[$0, column] == largest }) else {
                    continue
                }
                dx[row, column] = dy[segment, column]
            }
        }
        return dx
    }

    /// The gradient of `segmentMean(_:)`; `self` is the gradient of the result.
    package func segmentMeanGradient(_ segments: Segments) -> Matrix64 {
        Matrix64(rows: segments.rows, columns: columns) { row, column in
            let segment = Int(segments.segmentOfRow[row])
            return self[segment, column] / Double(segments[members: segment].count)
        }
    }
}
