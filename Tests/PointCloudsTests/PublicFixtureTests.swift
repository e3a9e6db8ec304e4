import PointClouds
import Tensors
import Testing

/// The serialisation of the public Point Transformer V3, number by number.
@Suite(.enabled(if: Fixture.folder != nil))
struct PublicFixtureTests {
    static let runs = [
        "ptv3-single/cloud0", "ptv3-single/cloud1", "ptv3-single/cloud2", "ptv3-batch/batch",
    ]

    @Test(arguments: runs, [DepthRule(), DepthRule(scope: .wholeBatch)])
    func serialisationAgreesWithThePublicImplementation(run: String, rule: DepthRule) throws {
        let input = try Fixture(run + ".input.safetensors")
        let expected = try Fixture(run + ".serialization.safetensors")
        let depth = try Int(expected.integers("enc0.serialized_depth").values[0])
        let hierarchy = try PointHierarchy(
            gridCoordinates: cut(
                input.cells("grid_coord"), at: input.integers("offset").values),
            strides: [2, 2], depthRule: rule)

        for (index, stage) in hierarchy.stages.enumerated() {
            let ends =
                index == 0
                ? try input.integers("offset").values
                : try expected.integers("enc\(index).offset").values
            #expect(stage.cloudRanges.map { Int64($0.upperBound) } == ends)
            let orders = try expected.rows("enc\(index).serialized_order")
            #expect(stage.orders.map { $0.map { Int64($0) } } == orders)

            let codes = try expected.rows("enc\(index).serialized_code")
            for (curve, publicCodes) in zip(CurveOrder.allCases, codes) {
                let ours = stage.cloudRanges.indices.flatMap { cloud in
                    curve.codes(
                        of: Array(stage.gridCoordinates[stage.cloudRanges[cloud]]),
                        depth: depth - index, cloud: cloud)
                }
                #expect(ours.map { Int64($0) } == publicCodes)
            }
            if index > 0 {
                #expect(try stage.gridCoordinates == expected.cells("enc\(index).grid_coord"))
                let inverse = try expected.integers("enc\(index).pooling_inverse").values
                #expect(stage.pooling!.segmentOfRow.map { Int64($0) } == inverse)
            }
        }
    }
}
