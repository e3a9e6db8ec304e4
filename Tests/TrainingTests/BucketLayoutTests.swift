import Tensors
import Testing
import Training

@Suite struct BucketLayoutTests {
    @Test func parametersSurvivePackingAndUnpacking() {
        let shapes: [(name: String, shape: [Int])] = [
            ("a", [4, 3]), ("b", [5]), ("c", [2, 2, 2, 2, 3]), ("d", [100]), ("e", [1]),
        ]
        let layout = BucketLayout(shapes, capacity: 20)
        #expect(layout.buckets == [0..<2, 2..<3, 3..<4, 4..<5])
        #expect((0..<4).map(layout.count(of:)) == [17, 48, 100, 1])
        var random = CounterGenerator(seed: 1, purpose: .init("weights"))
        let weights = Weights(
            shapes.map { name, shape in
                let rows = shape.count > 1 ? shape[0] : 1
                let columns = shape.count > 1 ? shape.dropFirst().reduce(1, *) : shape[0]
                return NamedTensor(
                    name: name, shape: shape,
                    tensor: Tensor(
                        rows: rows, columns: columns,
                        (0..<rows * columns).map { _ in random.normal() }))
            })
        let back = layout.unpacked(layout.packed(weights))
        for (before, after) in zip(weights, back) {
            #expect(before.name == after.name && before.shape == after.shape)
            #expect(before.tensor.isBitIdentical(to: after.tensor))
        }
    }
}
