import PointClouds
import Tensors
import Testing

@Suite struct FeatureTests {
    private let cloud = Cloud(
        positions: [SIMD3(1, 2, 3), SIMD3(3, 2, 7)],
        channels: [
            .init(name: "intensity", values: [0.25, 0.5]),
            .init(name: "colour", width: 3, values: [0, 0.1, 0.2, 0.3, 0.4, 0.5]),
        ])

    @Test func standSideBySideInTheGivenOrder() throws {
        let tensor = try features(of: cloud, channels: ["centred", "intensity", "colour"])
        #expect(tensor.rows == 2 && tensor.columns == 7)
        #expect(tensor.values == [-1, 0, 0, 0.25, 0, 0.1, 0.2, 1, 0, 4, 0.5, 0.3, 0.4, 0.5])
        #expect(try featureWidth(of: cloud, channels: ["centred", "intensity", "colour"]) == 7)
        let derived = try features(of: cloud, channels: ["height", "position", "distance"])
        #expect(derived.values.prefix(4) == [0, 1, 2, 3])
        #expect(derived.values[4] == Float(14).squareRoot())
    }

    @Test func cloudsFollowOneAnother() throws {
        let other = cloud.selecting([1])
        let tensor = try features(of: [cloud, other], channels: ["centred", "intensity"])
        #expect(tensor.values == [-1, 0, 0, 0.25, 1, 0, 4, 0.5, 0, 0, 0, 0.5])
        #expect(try features(of: [], channels: ["position"]).count == 0)
    }

    @Test func aMissingChannelIsNamedWithThoseThereAre() throws {
        let error = #expect(throws: PointCloudError.self) {
            try features(of: cloud, channels: ["position", "normal"])
        }
        #expect(
            error?.description
                == "The cloud has no channel \"normal\"; there are intensity, colour, position, "
                + "centred, height, distance.")
        let narrow = Cloud(
            positions: [.zero], channels: [.init(name: "colour", values: [1])])
        #expect(throws: PointCloudError.self) {
            try features(of: [cloud, narrow], channels: ["colour"])
        }
        #expect(throws: PointCloudError.self) { try features(of: cloud, channels: []) }
    }
}
