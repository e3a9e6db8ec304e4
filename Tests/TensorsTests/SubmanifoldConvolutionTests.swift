import CKernels
import Tensors
import Testing

/// The convolution in Double, pair by pair, with its gradients written out.
private struct PlainConvolution {
    let map: KernelMap
    let inputs: Int
    let outputs: Int

    func forEachTerm(_ body: (_ y: Int, _ weight: Int, _ x: Int) -> Void) {
        for place in 0..<map.volume {
            for pair in Int(map.starts[place])..<Int(map.starts[place + 1]) {
                for o in 0..<outputs {
                    for c in 0..<inputs {
                        body(
                            Int(map.outputs[pair]) * outputs + o,
                            (o * map.volume + place) * inputs + c,
                            Int(map.inputs[pair]) * inputs + c)
                    }
                }
            }
        }
    }

    func value(_ x: [Float], _ weight: [Float], _ bias: [Float]) -> [Double] {
        var y = (0..<map.rows).flatMap { _ in bias.map(Double.init) }
        forEachTerm { y[$0] += Double(weight[$1]) * Double(x[$2]) }
        return y
    }

    func gradients(
        _ x: [Float], _ weight: [Float], _ dy: [Float]
    ) -> (x: [Double], weight: [Double], bias: [Double]) {
        var dx = [Double](repeating: 0, count: x.count)
        var dw = [Double](repeating: 0, count: weight.count)
        var dbias = [Double](repeating: 0, count: outputs)
        forEachTerm {
            dx[$2] += Double(weight[$1]) * Double(dy[$0])
            dw[$1] += Double(x[$2]) * Double(dy[$0])
        }
        for (index, value) in dy.enumerated() { dbias[index % outputs] += Double(value) }
        return (dx, dw, dbias)
    }
}

/// One run of the operation: value and gradients.
private func run(
    _ x: [Float], _ weight: [Float], _ bias: [Float], _ dy: [Float], map: KernelMap
) throws -> [[Float]] {
    let tape = Tape()
    let outputs = bias.count
    let columns = weight.count / outputs
    let xs = tape.variable(Tensor(rows: map.rows, columns: columns / map.volume, x))
    let ws = tape.variable(Tensor(rows: outputs, columns: columns, weight))
    let bs = tape.variable(Tensor(rows: 1, columns: outputs, bias))
    let y = xs.submanifoldConvolution(weight: ws, bias: bs, map: map)
    let gradients = tape.gradients(
        from: y, seed: Tensor(rows: map.rows, columns: outputs, dy))
    return [
        y.values, try #require(gradients[xs]).values, try #require(gradients[ws]).values,
        try #require(gradients[bs]).values,
    ]
}

struct ConvolutionShape: Sendable, CustomTestStringConvertible {
    var rows: Int
    var size: Int
    var inputs: Int
    var outputs: Int
    var testDescription: String { "\(rows) rows, \(size)³, \(inputs) -> \(outputs)" }

    /// Blocks and strips of every kind: full vectors, tails, several row blocks, single rows.
    static let all: [ConvolutionShape] = [
        .init(rows: 300, size: 3, inputs: 16, outputs: 16),
        .init(rows: 257, size: 3, inputs: 32, outputs: 32),
        .init(rows: 90, size: 3, inputs: 48, outputs: 96),
        .init(rows: 61, size: 3, inputs: 64, outputs: 112),
        .init(rows: 400, size: 5, inputs: 6, outputs: 32),
        .init(rows: 300, size: 5, inputs: 4, outputs: 19),
        .init(rows: 133, size: 3, inputs: 20, outputs: 36),
        .init(rows: 40, size: 3, inputs: 7, outputs: 1),
        .init(rows: 1, size: 3, inputs: 16, outputs: 5),
        .init(rows: 3, size: 3, inputs: 1, outputs: 16),
        .init(rows: 3100, size: 3, inputs: 16, outputs: 17),
        .init(rows: 1500, size: 3, inputs: 1, outputs: 70),
    ]

    func inputsOfRun() -> (map: KernelMap, x: [Float], w: [Float], b: [Float], dy: [Float]) {
        let map = VoxelSheet(count: rows, seed: 5).map(size: size)
        return (
            map, uniformValues(rows * inputs, seed: 1, "x"),
            uniformValues(outputs * map.volume * inputs, seed: 1, "weight"),
            uniformValues(outputs, seed: 1, "bias"), uniformValues(rows * outputs, seed: 1, "dy")
        )
    }
}

@Suite(.serialized) struct SubmanifoldConvolutionTests {
    @Test(arguments: ConvolutionShape.all)
    func valueAndGradientsAgreeWithTheDefinition(shape: ConvolutionShape) throws {
        let (map, x, w, b, dy) = shape.inputsOfRun()
        let plain = PlainConvolution(map: map, inputs: shape.inputs, outputs: shape.outputs)
        let results = try run(x, w, b, dy, map: map)
        let expected = plain.gradients(x, w, dy)
        #expect(relativeDistance(results[0], plain.value(x, w, b)) < 1e-6)
        #expect(relativeDistance(results[1], expected.x) < 1e-6)
        #expect(relativeDistance(results[2], expected.weight) < 1e-6)
        #expect(relativeDistance(results[3], expected.bias) < 1e-6)
    }

    /// The operation is linear in each input, so a difference quotient of any step is exact.
    @Test func gradientsAreDifferenceQuotients() {
        let shape = ConvolutionShape(rows: 50, size: 3, inputs: 5, outputs: 6)
        let (map, x, w, b, dy) = shape.inputsOfRun()
        let plain = PlainConvolution(map: map, inputs: 5, outputs: 6)
        let gradients = plain.gradients(x, w, dy)
        func loss(_ x: [Float], _ w: [Float], _ b: [Float]) -> Double {
            zip(plain.value(x, w, b), dy).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        func moved(_ values: [Float], _ index: Int) -> ([Float], [Float]) {
            var up = values
            var down = values
            up[index] += 0.5
            down[index] -= 0.5
            return (up, down)
        }
        for index in [0, 17, 249] {
            let (up, down) = moved(x, index)
            #expect(abs(loss(up, w, b) - loss(down, w, b) - gradients.x[index]) < 1e-5)
        }
        for index in [0, 400, 809] {
            let (up, down) = moved(w, index)
            #expect(abs(loss(x, up, b) - loss(x, down, b) - gradients.weight[index]) < 1e-5)
        }
        let (up, down) = moved(b, 3)
        #expect(abs(loss(x, w, up) - loss(x, w, down) - gradients.bias[3]) < 1e-5)
    }

    @Test(arguments: ConvolutionShape.all)
    func widthsAgreeBitForBit(shape: ConvolutionShape) throws {
        defer { dj_set_thread_width(-1) }
        guard dj_set_thread_width(4) == 4 else { return }
        let (map, x, w, b, dy) = shape.inputsOfRun()
        let wide = try run(x, w, b, dy, map: map)
        dj_set_thread_width(3)
        let half = try run(x, w, b, dy, map: map)
        #expect(half == wide)
        dj_set_thread_width(0)
        let narrow = try run(x, w, b, dy, map: map)
        for (a, b) in zip(narrow, wide) { #expect(relativeDistance(a, b.map(Double.init)) < 1e-5) }
    }

    @Test func convolutionWithoutPairsYieldsTheBias() throws {
        let empty = KernelMap(
            rows: 2, volume: 27, starts: [Int32](repeating: 0, count: 28), inputs: [], outputs: [])
        let weight = uniformValues(3 * 27 * 16, seed: 2, "weight")
        let results = try run(
            uniformValues(32, seed: 2, "x"), weight, [1, 2, 3], [1, 1, 1, 1, 1, 1], map: empty)
        #expect(results[0] == [1, 2, 3, 1, 2, 3])
        #expect(results[1].allSatisfy { $0 == 0 } && results[2].allSatisfy { $0 == 0 })
        #expect(results[3] == [2, 2, 2])
    }

    @Test func noRowsGiveNoRows() throws {
        let empty = KernelMap(
            rows: 0, volume: 27, starts: [Int32](repeating: 0, count: 28), inputs: [], outputs: [])
        let results = try run([], uniformValues(27 * 8, seed: 2, "weight"), [1], [], map: empty)
        #expect(results[0].isEmpty && results[2].allSatisfy { $0 == 0 } && results[3] == [0])
    }

    @Test func gradientsAreComputedOnlyWhereRequired() {
        let shape = ConvolutionShape(rows: 20, size: 3, inputs: 4, outputs: 16)
        let (map, x, w, _, dy) = shape.inputsOfRun()
        let tape = Tape()
        let weight = tape.variable(Tensor(rows: 16, columns: 108, w))
        let y = Tensor(rows: 20, columns: 4, x).submanifoldConvolution(weight: weight, map: map)
        let gradients = tape.gradients(from: y, seed: Tensor(rows: 20, columns: 16, dy))
        #expect(gradients[weight] != nil)
    }
}
