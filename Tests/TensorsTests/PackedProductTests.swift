import TensorTesting
import Tensors
import Testing

/// Products of many rows with packed weights: linear maps, perceptrons and convolutions alike.
@Suite struct PackedProductTests {
    private static let shapes = [
        (1, 1, 1), (5, 6, 13), (49, 33, 70), (131, 64, 192), (300, 48, 17),
    ]

    private func random(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Tensor {
        .random(rows: rows, columns: columns, seed: seed)
    }

    @Test(arguments: shapes)
    func bitsOfARowDoNotDependOnItsPlace(rows: Int, inputs: Int, outputs: Int) {
        let x = random(rows, inputs, 1)
        let weight = random(outputs, inputs, 2)
        let bias = random(1, outputs, 3)
        let whole = x.linear(weight, bias: bias)
        for row in [0, rows / 2, rows - 1] {
            let alone = x.rows(row..<row + 1).linear(weight, bias: bias)
            #expect(alone.values == whole.rows(row..<row + 1).values)
        }
    }

    @Test(arguments: shapes)
    func widthsAgreeBitForBit(rows: Int, inputs: Int, outputs: Int) {
        func run(_ width: Int) -> [[Float]] {
            Kernels.withWidth(width) {
                let tape = Tape()
                let x = tape.variable(random(rows, inputs, 1))
                let weight = tape.variable(random(outputs, inputs, 2))
                let y = x.linear(weight, bias: random(1, outputs, 3))
                let gradients = tape.gradients(from: y, seed: random(rows, outputs, 4))
                return [y, gradients[x]!, gradients[weight]!].map(\.values)
            }
        }
        #expect(run(4) == run(3))
    }

    @Test(arguments: [ProductPrecision.float32, .bfloat16])
    func frozenWeightsGiveTheSameProducts(precision: ProductPrecision) throws {
        guard precision.isAvailable else { return }
        for (rows, inputs, outputs) in Self.shapes {
            let x = random(rows, inputs, 5)
            let weight = random(outputs, inputs, 6)
            let bias = random(1, outputs, 7)
            let frozen = weight.frozenForProducts(precision: precision)
            let y = x.linear(frozen, bias: bias)
            if precision == .float32 {
                #expect(y.values == x.linear(weight, bias: bias).values)
            } else {
                let exact = Matrix64(x.roundedToBfloat).linear(
                    Matrix64(weight.roundedToBfloat), bias: Matrix64(bias))
                #expect(relativeError(Matrix64(y), exact) < 1e-6)
            }
        }
    }

    @Test func frozenConvolutionsGiveTheSameProducts() {
        let map = VoxelSheet(count: 150, seed: 3).map(size: 3)
        let x = random(map.rows, 18, 8)
        let weight = random(20, 27 * 18, 9)
        let bias = random(1, 20, 10)
        func convolved(_ x: Tensor, _ weight: Tensor) -> Tensor {
            x.submanifoldConvolution(weight: weight, bias: bias, map: map)
        }
        let plain = convolved(x, weight)
        #expect(convolved(x, weight.frozenForProducts(volume: 27)).values == plain.values)
        guard ProductPrecision.bfloat16.isAvailable else { return }
        let rounded = convolved(x.roundedToBfloat, weight.roundedToBfloat)
        let brief = convolved(x, weight.frozenForProducts(volume: 27, precision: .bfloat16))
        #expect(relativeError(brief, rounded) < 1e-6)
        #expect(relativeError(brief, plain) < 5e-3)
    }

    @Test func weightIsPackedOnce() {
        let x = random(9, 64, 11)
        let weight = random(64, 64, 12)
        _ = x.linear(weight)
        let before = PoolCounts.ofThisThread.taken
        _ = x.linear(weight)
        #expect(PoolCounts.ofThisThread.taken == before + 1)
    }
}

extension Tensor {
    /// Every value rounded to 8 bits of mantissa, to nearest even.
    fileprivate var roundedToBfloat: Tensor {
        Tensor(
            rows: rows, columns: columns,
            values.map { value in
                let bits = value.bitPattern
                return Float(bitPattern: (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff_0000)
            })
    }
}
