import Foundation
package import Tensors

extension Matrix64 {
    /// The reference of `submanifoldConvolution(weight:bias:map:)`.
    package func submanifoldConvolution(
        weight: Matrix64, bias: Matrix64? = nil, map: KernelMap
    ) -> Matrix64 {
        var y = Matrix64(rows: rows, columns: weight.rows) { bias?[0, $1] ?? 0 }
        for place in 0..<map.volume {
            for pair in Int(map.starts[place])..<Int(map.starts[place + 1]) {
                let from = self[row: Int(map.inputs[pair])]
                for output in 0..<weight.rows {
                    let kernel = weight[row: output].dropFirst(place * columns)
                    y[Int(map.outputs[pair]), output] +=
                        zip(from, kernel).reduce(0) { $0 + $1.0 * $1.1 }
                }
            }
        }
        return y
    }

    /// The reference of `patchAttention(heads:plan:)`.
    package func patchAttention(heads: Int, plan: PatchPlan) -> Matrix64 {
        let channels = columns / 3
        let width = channels / heads
        var y = Matrix64(rows: rows, columns: channels) { _, _ in 0 }
        for patch in 0..<plan.patches {
            let rows = plan.keys[Int(plan.starts[patch])..<Int(plan.starts[patch + 1])]
            let queries = rows.prefix(Int(plan.queries[patch]))
            for head in 0..<heads {
                func part(_ number: Int, _ rows: ArraySlice<Int32>) -> Matrix64 {
                    let from = number * channels + head * width
                    return gatherRows(Array(rows)).columns(from..<from + width)
                }
                let scores = part(0, queries).matmul(part(1, rows), transposingOther: true)
                    .scaled(by: 1 / Double(width).squareRoot())
                let mixed = scores.softmax().matmul(part(2, rows))
                for (index, row) in queries.enumerated() {
                    for c in 0..<width { y[Int(row), head * width + c] = mixed[index, c] }
                }
            }
        }
        return y
    }

    /// Queries and keys of rows in the given cells, rotated by coordinate x base^(-pair / pairs).
    package func rotatingQueriesAndKeys(
        heads: Int, cells: [SIMD3<Int32>], base: Double
    ) -> Matrix64 {
        let pairs = columns / 18 / heads
        return rotatingQueriesAndKeys(
            heads: heads, positions: cells.map { SIMD3<Double>($0) },
            frequencies: (0..<pairs).map { pow(base, -Double($0) / Double(pairs)) })
    }

    /// Queries and keys of rows at the given positions, rotated by coordinate x frequency of the pair.
    package func rotatingQueriesAndKeys(
        heads: Int, positions: [SIMD3<Double>], frequencies: [Double]
    ) -> Matrix64 {
        let channels = columns / 3
        let pairs = frequencies.count
        return Matrix64(rows: rows, columns: columns) { row, column in
            guard column < 2 * channels else { return self[row, column] }
            let inHead = column % (6 * pairs)
            let (axis, inThird) = (inHead / (2 * pairs), inHead % (2 * pairs))
            let angle = positions[row][axis] * frequencies[inThird % pairs]
            return inThird < pairs
                ? self[row, column] * cos(angle) - self[row, column + pairs] * sin(angle)
                : self[row, column] * cos(angle) + self[row, column - pairs] * sin(angle)
        }
    }
}
