import Checkpoints
import Tensors
import Testing

/// Differences of tensors, value by value.
@Suite struct ComparisonTests {
    private func difference(_ first: [Float], _ second: [Float]) -> TensorDifference {
        TensorDifference(
            Tensor(rows: 1, columns: first.count, first),
            Tensor(rows: 1, columns: second.count, second))
    }

    @Test("equal bits are not a difference") func equalBitsAreNotDifference() {
        let same = difference([1, -0.0, .nan, .infinity], [1, -0.0, .nan, .infinity])
        #expect(same.isNone && same.count == 4 && same.ulps == 0 && same.largest == 0)
    }

    @Test(
        "units in the last place count the values in between",
        arguments: [
            (1, Float(1).nextUp, 1), (1, Float(1).nextDown, 1), (0, -0.0, 1), (0, 1, 0x3f80_0000),
            (-1, 1, 2 * 0x3f80_0000 + 1), (.leastNonzeroMagnitude, -.leastNonzeroMagnitude, 3),
            (.greatestFiniteMagnitude, .infinity, 1), (.nan, 1, 1 << 32),
        ] as [(Float, Float, UInt64)])
    func unitsInLastPlaceCountValuesInBetween(a: Float, b: Float, ulps: UInt64) {
        #expect(difference([a], [b]).ulps == ulps)
        #expect(difference([b], [a]).ulps == ulps)
        #expect(!difference([a], [b]).isNone)
    }

    @Test("statistics cover all values") func statisticsCoverAllValues() throws {
        let found = difference([3, 4, 0, 1], [3, 4.5, 0, -1])
        #expect(found.count == 4 && found.differing == 2)
        #expect(found.largest == 2)
        let relative = try #require(found.relative)
        #expect(abs(relative - ((0.25 + 4.0) / 26).squareRoot()) < 1e-12)
        #expect(difference([0], [1]).relative == nil)
        #expect(difference([.infinity, 1], [1, 1]).largest == 0, "finite numbers alone")
        let sum = found + difference([1], [1.5])
        #expect(sum.count == 5 && sum.differing == 3 && sum.largest == 2)
    }

    @Test("groups are compared by name") func groupsAreComparedByName() {
        let first = Samples.weights(["a", "b", "c"], seed: 1)
        #expect(WeightsComparison(first, Weights(Array(first).reversed())).isSame)
        #expect(!WeightsComparison(first, Samples.weights(["a", "b"], seed: 1)).isSame)

        let other = Samples.weights(["b", "a", "d"], seed: 1)
        let found = WeightsComparison(first, other)
        #expect(found.onlyInFirst == ["c"] && found.onlyInSecond == ["d"])
        // The samples' shapes depend on their places.
        #expect(found.pairs.map(\.name) == ["a", "b"])
        #expect(found.pairs.allSatisfy { $0.difference == nil })

        let moved = WeightsComparison(first, Samples.weights(["a", "b", "c"], seed: 2))
        #expect(moved.differing.count == 3 && !moved.isSame)
        #expect(moved.differing[0].difference!.ulps >= moved.differing[2].difference!.ulps)
        #expect(moved.whole.count == first.scalarCount)
    }
}
