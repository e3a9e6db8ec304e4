import TensorTesting
import Tensors
import Testing

@Suite("Tensors and weights")
struct TensorTests {
    @Test("values are stored row by row")
    func layout() {
        let x = Tensor(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6])
        #expect(x.count == 6 && x[0, 2] == 3 && x[1, 0] == 4)
        #expect(x.values == [1, 2, 3, 4, 5, 6])
        #expect(x.rows(1..<2).values == [4, 5, 6])
        #expect(Tensor(7).scalar == 7)
        #expect(Tensor.zeros(rows: 3, columns: 1).values == [0, 0, 0])
        #expect(Tensor(rows: 0, columns: 5, []).values == [])
        let written = Tensor(rows: 1, columns: 2) { span in
            span[0] = 8
            span[1] = 9
        }
        #expect(written.values == [8, 9])
        #expect(written.withBytes { $0.byteCount } == 8)
    }

    @Test("operations on no rows yield no rows")
    func empty() {
        let x = Tensor(rows: 0, columns: 4, [])
        let weight = Tensor(rows: 3, columns: 4, filledWith: 1)
        let tape = Tape()
        let w = tape.variable(weight)
        let y = x.linear(w, bias: Tensor(rows: 1, columns: 3, filledWith: 2))
        #expect(y.rows == 0 && y.columns == 3)
        #expect(tape.gradients(from: y)[w]?.values == [Float](repeating: 0, count: 12))
        #expect(x.softmax().count == 0 && x.sum().scalar == 0 && x.mean().scalar == 0)
        let hidden = x.mlp(
            fc1: weight, Tensor(rows: 1, columns: 3, filledWith: 0),
            fc2: Tensor(rows: 4, columns: 3, filledWith: 0),
            Tensor(rows: 1, columns: 4, filledWith: 0))
        #expect(hidden.rows == 0)
        let scale = Tensor(rows: 1, columns: 4, filledWith: 1)
        #expect(
            x.batchNormTraining(scale: scale, shift: scale).moments.variance.values == [0, 0, 0, 0])
    }

    @Test("weights keep their order and are found by name")
    func weights() {
        var weights = Weights([
            NamedTensor(name: "b", shape: [2, 3], tensor: .zeros(rows: 2, columns: 3)),
            NamedTensor(name: "a", shape: [4], tensor: .zeros(rows: 1, columns: 4)),
        ])
        weights.append(NamedTensor(name: "c", shape: [], tensor: Tensor(5)))
        #expect(weights.names == ["b", "a", "c"])
        #expect(weights.count == 3 && weights.scalarCount == 11)
        #expect(weights.place(of: "a") == 1 && weights.place(of: "z") == nil)
        #expect(weights["c"]?.scalar == 5 && weights["z"] == nil)
        weights[2].tensor = Tensor(6)
        #expect(weights["c"]?.scalar == 6 && weights.last?.name == "c")
        #expect(weights.map(\.shape) == [[2, 3], [4], []])
    }

    @Test("segments list their members")
    func segments() {
        let segments = Segments(segmentOfRow: [2, 0, 2, 2, 0], count: 3)
        #expect(segments.count == 3 && segments.rows == 5)
        #expect(segments.starts == [0, 2, 2, 5] && segments.members == [1, 4, 0, 2, 3])
        #expect(Array(segments[members: 2]) == [0, 2, 3])
        let x = Tensor(rows: 5, columns: 1, [1, 2, 3, 4, 5])
        #expect(x.segmentMean(segments).values == [3.5, 0, Float(8) / 3])
        #expect(x.segmentMax(segments).values == [5, 0, 4])
    }

    @Test("the gradient of a shared maximum belongs to the first of its rows")
    func sharedMaximum() {
        let segments = Segments(segmentOfRow: [0, 0, 0, 1, 1], count: 2)
        let tape = Tape()
        let x = tape.variable(Tensor(rows: 5, columns: 2, [1, 7, 3, 7, 3, 0, -1, 2, -1, 2]))
        let y = x.segmentMax(segments)
        #expect(y.values == [3, 7, -1, 2])
        let gradient = tape.gradients(from: y)[x]
        #expect(gradient?.values == [0, 1, 1, 0, 0, 0, 1, 1, 0, 0])
    }

    @Test(
        "squares add up in Double, to the same bits at widths 3 and 4",
        arguments: [0, 1, 31, 5_003])
    func squaredNorm(count: Int) {
        var random = CounterGenerator(seed: 5, purpose: .init("squares"))
        let x = Tensor(
            rows: 1, columns: count, (0..<count).map { _ in random.uniform() * 100 - 30 })
        let expected = x.values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let wide = Kernels.withWidth(4) { x.squaredNorm }
        #expect(abs(wide - expected) <= 1e-14 * expected)
        #expect(Kernels.withWidth(3) { x.squaredNorm } == wide)
    }

    @Test("one value that is not finite is detected at every place")
    func finite() {
        for count in [1, 16, 77] {
            var values = [Float](repeating: .greatestFiniteMagnitude, count: count)
            #expect(Tensor(rows: 1, columns: count, values).isFinite)
            for place in values.indices {
                for wrong in [Float.infinity, -.infinity, .nan, -.signalingNaN] {
                    let kept = values[place]
                    values[place] = wrong
                    #expect(!Tensor(rows: 1, columns: count, values).isFinite)
                    values[place] = kept
                }
            }
        }
        #expect(Tensor(rows: 1, columns: 2, [-.leastNonzeroMagnitude, -0.0]).isFinite)
    }

    @Test("arguments that would read outside memory end the process")
    func refusals() async {
        await #expect(processExitsWith: .failure) {
            _ = Tensor.zeros(rows: 3, columns: 2).gatherRows([0, 3])
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor.zeros(rows: 3, columns: 2).gatherRows([-1])
        }
        await #expect(processExitsWith: .failure) {
            _ = Segments(starts: [0, 2], members: [0, 2], segmentOfRow: [0, 0])
        }
        await #expect(processExitsWith: .failure) {
            _ = Tensor.zeros(rows: 3, columns: 2).matmul(.zeros(rows: 3, columns: 2))
        }
        await #expect(processExitsWith: .failure) {
            let square = Tensor.zeros(rows: 2, columns: 2)
            _ = square.linear(square, bias: .zeros(rows: 1, columns: 3))
        }
    }
}
