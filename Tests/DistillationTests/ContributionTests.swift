import Distillation
import Tensors
import Testing

@Suite struct ContributionTests {
    private func contribution(_ value: Float, places: [Int]) -> Contribution {
        Contribution(
            counts: [Double(value)], sums: [Tensor(rows: 1, columns: 2, filledWith: value)],
            gathered: places.map { .init(place: $0, tensor: Tensor(Float($0))) })
    }

    @Test func addsAndGathersInOrderOfPlaces() throws {
        let sum = try Contribution.sum(
            contribution(1, places: [2, 2, 5]), contribution(2, places: [0, 4, 9]))
        #expect(sum.counts == [3])
        #expect(sum.sums[0].values == [3, 3])
        #expect(sum.gathered.map(\.place) == [0, 2, 2, 4, 5, 9])
        #expect(sum.gathered.map(\.tensor.scalar) == [0, 2, 2, 4, 5, 9])
    }

    @Test func cloudCannotBeContributedTwice() {
        #expect(throws: ObjectiveError.self) {
            try Contribution.sum(contribution(1, places: [0, 3]), contribution(2, places: [3]))
        }
        #expect(throws: ObjectiveError.self) {
            try Contribution.sum(contribution(1, places: []), .nothing)
        }
    }

    /// 1e8 + 1 - 1e8 depends on the order; the tree's is ((a b)(c d)) e.
    @Test func treeIsFixed() throws {
        let values: [Float] = [1e8, 1, -1e8, 1, 3]
        let leaves = values.map { contribution($0, places: []) }
        let total = try Contribution.total(of: leaves)
        let left = (values[0] + values[1]) + (values[2] + values[3])
        #expect(total.sums[0].values[0] == left + values[4])
        // Summing a whole branch beforehand changes nothing.
        let branch = try Contribution.total(of: Array(leaves[0..<4]))
        #expect(
            try Contribution.sum(branch, leaves[4]).sums[0].values == total.sums[0].values)
        #expect(try Contribution.total(of: []).isEmpty)
    }

    @Test func travelsAsShapeCountsAndTensors() throws {
        let sent = contribution(4, places: [1, 1, 3])
        #expect(sent.shape.description == "1 counts, sums 1x2, gathered 1:1x1 1:1x1 3:1x1")
        let back = try Contribution(shape: sent.shape, counts: sent.counts, tensors: sent.tensors)
        #expect(back.shape == sent.shape)
        #expect(back.tensors.map(\.values) == sent.tensors.map(\.values))
        #expect(throws: ObjectiveError.self) {
            try Contribution(shape: sent.shape, counts: [], tensors: sent.tensors)
        }
        #expect(throws: ObjectiveError.self) {
            try Contribution(
                shape: sent.shape, counts: sent.counts, tensors: Array(sent.tensors.dropLast()))
        }
        var shape = sent.shape
        shape.gathered[0][0] = 7
        #expect(throws: ObjectiveError.self) {
            try Contribution(shape: shape, counts: sent.counts, tensors: sent.tensors)
        }
    }
}
