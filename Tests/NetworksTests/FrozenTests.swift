import Foundation
import NetworkTesting
import Networks
import Tensors
import Testing

/// A network whose weights are laid out for products alone.
@Suite struct FrozenTests {
    @Test func frozenNetworkComputesTheSameBits() throws {
        for fixture in try Fixture.folders.map({ try Fixture($0) }) {
            let (plain, frozen) = try logits(of: fixture, .float32)
            #expect(plain.values == frozen.values)
        }
    }

    /// The figure that the documentation of `teacher.precision` gives.
    @Test func bfloatChangesFewLabels() throws {
        guard ProductPrecision.bfloat16.isAvailable else { return }
        for fixture in try Fixture.folders.map({ try Fixture($0) }) {
            let (plain, brief) = try logits(of: fixture, .bfloat16)
            let error = scaledDifference(brief, plain)
            #expect(error > 1e-5)
            #expect(error < 1e-2)
            #expect(agreement(brief, plain) >= 0.99)
        }
    }

    private func logits(
        of fixture: Fixture, _ precision: ProductPrecision
    ) throws -> (plain: Tensor, frozen: Tensor) {
        let run = try #require(fixture.runs.first { !$0.isTraining })
        let scene = try fixture.scene(of: run).0
        let frozen = fixture.weights.frozen(for: fixture.network, precision: precision)
        return (
            fixture.network(
                scene, ForwardContext(.evaluation, of: fixture.network, fixture.weights)
            ).logits,
            fixture.network(scene, ForwardContext(.evaluation, of: fixture.network, frozen)).logits
        )
    }

    /// The share of rows with the same largest score.
    private func agreement(_ a: Tensor, _ b: Tensor) -> Double {
        let same = (0..<a.rows).count { row in
            largest(a.rows(row..<row + 1)) == largest(b.rows(row..<row + 1))
        }
        return Double(same) / Double(a.rows)
    }

    private func largest(_ row: Tensor) -> Int {
        let values = row.values
        return values.indices.max { values[$0] < values[$1] }!
    }
}
