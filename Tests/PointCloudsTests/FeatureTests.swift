import Foundation
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

    @Test func featuresAreSideBySideInTheGivenOrder() throws {
        let tensor = try features(of: cloud, ["centred", "intensity", "colour"])
        #expect(tensor.rows == 2 && tensor.columns == 7)
        #expect(tensor.values == [-1, 0, 0, 0.25, 0, 0.1, 0.2, 1, 0, 4, 0.5, 0.3, 0.4, 0.5])
        #expect(try featureWidth(of: cloud, ["centred", "intensity", "colour"]) == 7)
        let derived = try features(of: cloud, ["height", "position", "distance"])
        #expect(derived.values.prefix(4) == [0, 1, 2, 3])
        #expect(derived.values[4] == Float(14).squareRoot())
    }

    @Test func rowsAreOrderedCloudByCloud() throws {
        let other = cloud.selecting([1])
        let tensor = try features(of: [cloud, other], ["centred", "intensity"])
        #expect(tensor.values == [-1, 0, 0, 0.25, 1, 0, 4, 0.5, 0, 0, 0, 0.5])
        #expect(try features(of: [], ["position"]).count == 0)
    }

    @Test func missingChannelIsNamedWithTheExistingOnes() throws {
        let error = #expect(throws: PointCloudError.self) {
            try features(of: cloud, ["position", "normal"])
        }
        #expect(
            error?.description
                == "The cloud has no channel \"normal\"; there are intensity, colour, position, "
                + "centred, height, distance.")
        let narrow = Cloud(
            positions: [.zero], channels: [.init(name: "colour", values: [1])])
        #expect(throws: PointCloudError.self) {
            try features(of: [cloud, narrow], ["colour"])
        }
        #expect(throws: PointCloudError.self) { try features(of: cloud, []) }
    }

    @Test func scaleAppliesToItsFeatureOnly() throws {
        let scaled = try features(
            of: cloud,
            [
                Feature("colour", scale: .init(subtract: [0, 0.1, 0.2], divide: [1, 2, 0.5])),
                Feature("intensity", scale: .init(subtract: [0.25], divide: [0.5])),
                Feature("height", scale: .init(subtract: [2], divide: [2])),
            ])
        let plain = try features(of: cloud, ["colour"]).values
        func colour(_ row: Int) -> [Float] {
            [plain[3 * row], (plain[3 * row + 1] - 0.1) / 2, (plain[3 * row + 2] - 0.2) / 0.5]
        }
        #expect(scaled.values == colour(0) + [0, -1] + colour(1) + [0.5, 1])
        let error = #expect(throws: PointCloudError.self) {
            try featureWidth(
                of: cloud, [Feature("colour", scale: .init(subtract: [0, 0], divide: [1]))])
        }
        #expect(error?.description.contains("has 2 numbers; give one for each of its 3") == true)
    }

    @Test func nanIsReadAsZero() throws {
        var dark = cloud
        dark.channels[0].values[1] = .nan
        let scale = Feature.Scale(subtract: [1], divide: [0.5])
        let shown = try features(
            of: dark, ["intensity", Feature("intensity", scale: scale)])
        #expect(shown.values == [0.25, -1.5, 0, 0])
    }

    @Test func featuresSurviveARoundTrip() throws {
        let all = [
            "position",
            Feature("colour", scale: .init(subtract: [0.1, 1e-7, 3], divide: [0.3, 1, 2])),
        ]
        let json = try JSONEncoder().encode(all)
        #expect(try JSONDecoder().decode([Feature].self, from: json) == all)
        #expect(String(decoding: json, as: UTF8.self).hasPrefix(#"["position",{"#))
        #expect(
            try JSONDecoder().decode([Feature].self, from: Data(#"["height"]"#.utf8))
                == ["height"])
    }
}
