import Networks
import Tensors
import Testing

@Suite struct RunningStatisticsTests {
    @Test func momentsOfGroupsPoolToThoseOfAllRows() {
        let rows: [[Float]] = [[1, 5], [2, -1], [4, 0], [8, 2], [16, 9], [3, 3], [7, 1]]
        let groups = [Array(rows[0..<2]), Array(rows[2..<3]), Array(rows[3..<7])]
        let all = moments(rows)
        let joined = pooled(groups.map(moments))
        #expect(joined.count == 7)
        for (value, expected) in zip(joined.mean.values, all.mean.values) {
            #expect((value - expected).magnitude < 1e-6)
        }
        for (value, expected) in zip(joined.variance.values, all.variance.values) {
            #expect((value - expected).magnitude < 1e-5)
        }
    }

    @Test func statisticsMoveByTheMomentum() throws {
        let network = try PointTransformerV3(small)
        let weights = network.initialWeights(seed: 1)
        let path = "backbone.embedding.stem.norm"
        let seen = BatchMoments(
            count: 5, mean: Tensor(rows: 1, columns: 8, filledWith: 3),
            variance: Tensor(rows: 1, columns: 8, filledWith: 8))
        let updated = weights.updatedStatistics(of: [.init(path: path, moments: seen)])
        for (name, expected) in [
            ("running_mean", Float(0.03)), ("running_var", 1.09), ("num_batches_tracked", 1),
        ] {
            let values = try #require(updated[path + "." + name]?.values)
            #expect(values.allSatisfy { ($0 - expected).magnitude < 1e-6 }, "\(name): \(values)")
        }
        #expect(weights[path + ".running_mean"]?.values == [Float](repeating: 0, count: 8))
    }

    @Test func singleRowLeavesTheStatistics() throws {
        let network = try PointTransformerV3(small)
        let weights = network.initialWeights(seed: 1)
        let path = "backbone.embedding.stem.norm"
        let seen = BatchMoments(
            count: 1, mean: Tensor(rows: 1, columns: 8, filledWith: 3),
            variance: Tensor(rows: 1, columns: 8, filledWith: 0))
        let updated = weights.updatedStatistics(of: [.init(path: path, moments: seen)])
        #expect(updated[path + ".running_var"]?.values == weights[path + ".running_var"]?.values)
    }

    private func moments(_ rows: [[Float]]) -> BatchMoments {
        let count = Float(rows.count)
        let mean = (0..<2).map { c in rows.reduce(0) { $0 + $1[c] } / count }
        let variance = (0..<2).map { c in
            rows.reduce(0) { $0 + ($1[c] - mean[c]) * ($1[c] - mean[c]) } / count
        }
        return BatchMoments(
            count: rows.count, mean: Tensor(rows: 1, columns: 2, mean),
            variance: Tensor(rows: 1, columns: 2, variance))
    }
}
