import Foundation
import PointClouds
import Tensors
import Testing

@Suite struct ViewTests {
    static let cloud: Cloud = {
        var cloud = randomCloud(600, seed: 8)
        cloud.channels.append(
            .init(
                name: "normal", width: 3,
                values: (0..<1800).map { $0 % 3 == 0 ? 0.6 : $0 % 3 == 1 ? 0 : 0.8 }))
        return cloud
    }()
    static let augmentations: [any Augmentation] =
        ViewRecipe.strong.augmentations + [ChannelDrop(channel: "normal", probability: 1)]

    private func view(_ augmentation: any Augmentation, step: Int = 1) -> Cloud {
        ViewRecipe(name: "test", [augmentation])(Self.cloud, seed: 7, step: step, sample: 3)
    }

    /// The values of a channel, point by point.
    private func vectors(_ cloud: Cloud, _ name: String) -> [[Float]] {
        let channel = cloud[channel: name]!
        return (0..<cloud.count).map {
            Array(channel.values[($0 * channel.width)..<($0 + 1) * channel.width])
        }
    }

    @Test(arguments: [ViewRecipe.plain, .weak, .strong])
    func viewKeepsPointsAndLabelsAndIsReproducible(recipe: ViewRecipe) throws {
        let view = recipe(Self.cloud, seed: 1, step: 2, sample: 3)
        #expect(view.count == Self.cloud.count && view.labels == Self.cloud.labels)
        #expect(view.channels.map(\.name) == Self.cloud.channels.map(\.name))
        try view.check()
        let again = recipe(Self.cloud, seed: 1, step: 2, sample: 3)
        #expect(again.positions == view.positions && again.channels == view.channels)
        if recipe.name != "plain" {
            for other in [
                recipe(Self.cloud, seed: 2, step: 2, sample: 3),
                recipe(Self.cloud, seed: 1, step: 3, sample: 3),
                recipe(Self.cloud, seed: 1, step: 2, sample: 4),
            ] {
                #expect(other.positions != view.positions)
            }
        }
        let voxels = try VoxelCloud(Self.cloud, gridSize: 0.5)
        let seen = recipe(voxels, seed: 1, step: 2, sample: 3)
        #expect(seen.gridCoordinates == voxels.gridCoordinates)
        #expect(seen.cloud.count == voxels.count)
    }

    @Test func rotationKeepsHeightAndDistance() {
        let view = view(Rotation())
        var greatest: Float = 0
        for (before, after) in zip(Self.cloud.positions, view.positions) {
            #expect(before.z == after.z)
            let lengths = ((before * before).sum().squareRoot(), (after * after).sum().squareRoot())
            #expect(abs(lengths.0 - lengths.1) < 1e-4)
            greatest = max(greatest, abs(after.x - before.x))
        }
        #expect(greatest > 0.1)
        let quarter = ViewRecipe(name: "quarter", [Rotation(degrees: 90...90)])(
            Self.cloud, seed: 1, step: 1, sample: 1)
        let exact = Self.cloud.rotated(quarterTurns: 1)
        for (a, b) in zip(quarter.positions, exact.positions) {
            #expect(((a - b) * (a - b)).sum() < 1e-8)
        }
        #expect(vectors(exact, "normal")[0] == [0, 0.6, 0.8])
        #expect(exact.rotated(quarterTurns: 3).positions == Self.cloud.positions)
        #expect(exact.rotated(quarterTurns: -1).positions == Self.cloud.positions)
        #expect(
            exact.rotated(quarterTurns: 1).positions[5] == SIMD3(-1, -1, 1)
                * Self.cloud.positions[5])
    }

    @Test func flipMirrors() {
        let view = view(Flip(x: 1, y: 0))
        #expect(view.positions == Self.cloud.positions.map { $0 * SIMD3(-1, 1, 1) })
        #expect(vectors(view, "normal")[0] == [-0.6, 0, 0.8])
        #expect(self.view(Flip(x: 0, y: 0)).positions == Self.cloud.positions)
    }

    @Test func scalingAndStretchingMultiply() {
        #expect(view(Scaling(factor: 2...2)).positions == Self.cloud.positions.map { $0 * 2 })
        let stretched = view(Stretching(factor: 0.5...2))
        let ratio = stretched.positions[0] / Self.cloud.positions[0]
        for (before, after) in zip(Self.cloud.positions, stretched.positions) {
            let error = after - ratio * before
            #expect((error * error).sum() < 1e-6)
        }
        let normal = vectors(stretched, "normal")[0]
        #expect(abs(normal.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5)
        // Perpendicular to the stretched direction (0.8, 0, -0.6) of its plane.
        #expect(abs(normal[0] * 0.8 * ratio.x - normal[2] * 0.6 * ratio.z) < 1e-5)
    }

    @Test func jitterStaysWithinItsLimit() {
        let view = view(Jitter(deviation: 0.1, limit: 0.15))
        var sum = SIMD3<Float>()
        for (before, after) in zip(Self.cloud.positions, view.positions) {
            let moved = after - before
            #expect(all(moved .<= 0.15001) && all(moved .>= -0.15001))
            sum += moved * moved
        }
        let deviation = (sum.sum() / Float(3 * view.count)).squareRoot()
        #expect(deviation > 0.06 && deviation < 0.1)
    }

    @Test func elasticDistortionIsBoundedAndSmooth() {
        let line = Cloud(positions: (0..<2000).map { SIMD3(Float($0) * 0.005 - 5, 1, -2) })
        let bent = ViewRecipe(
            name: "bent", [ElasticDistortion(granularity: 0.5, magnitude: 0.2)]
        )(line, seed: 1, step: 1, sample: 1)
        let moved = zip(line.positions, bent.positions).map { $1 - $0 }
        #expect(moved.allSatisfy { all($0 .<= 0.201) && all($0 .>= -0.201) })
        #expect(moved.contains { abs($0.y) > 0.05 })
        // Slope at most 2 * magnitude * 1.5 / granularity.
        for (a, b) in zip(moved, moved.dropFirst()) {
            #expect(all(b - a .<= 0.0062) && all(b - a .>= -0.0062))
        }
        // What happens to a point does not depend on the others.
        let tail = ViewRecipe(
            name: "bent", [ElasticDistortion(granularity: 0.5, magnitude: 0.2)]
        )(line.selecting([1999, 3]), seed: 1, step: 1, sample: 1)
        #expect(tail.positions == [bent.positions[1999], bent.positions[3]])
    }

    @Test func chromaticChangeChangesOnlyItsChannel() {
        let view = view(ChromaticChange(channel: "colour", contrast: 1, shift: 0.2, noise: 0.1))
        #expect(view[channel: "colour"] != Self.cloud[channel: "colour"])
        #expect(view[channel: "intensity"] == Self.cloud[channel: "intensity"])
        #expect(view[channel: "colour"]!.values.allSatisfy { (0...1).contains($0) })
        #expect(self.view(ChromaticChange(channel: "heat")).channels == Self.cloud.channels)
    }

    @Test func dropsAndMasksRemoveFeatures() {
        #expect(
            view(ChannelDrop(channel: "colour", probability: 1))[channel: "colour"]!.values
                .allSatisfy { $0.isNaN })
        #expect(
            view(ChannelDrop(channel: "colour", probability: 0)).channels == Self.cloud.channels)
        let masked = view(FeatureMask(ratio: 0.5, channels: ["colour", "normal"]))
        let gone = vectors(masked, "normal").map { $0.allSatisfy(\.isNaN) }
        #expect(gone == vectors(masked, "colour").map { $0.allSatisfy(\.isNaN) })
        #expect((200..<400).contains(gone.count { $0 }))
        #expect(masked[channel: "intensity"] == Self.cloud[channel: "intensity"])
    }

    @Test func groupOfChannelsIsDroppedTogether() throws {
        let drop = ChannelDrop(channels: ["colour", "intensity"], probability: 0.5)
        var gone = 0
        for step in 0..<40 {
            let view = view(drop, step: step)
            let (colour, intensity) = (view[channel: "colour"]!, view[channel: "intensity"]!)
            let isGone = colour.values.allSatisfy(\.isNaN)
            #expect(isGone == intensity.values.allSatisfy(\.isNaN))
            #expect(isGone || colour == Self.cloud[channel: "colour"])
            #expect(view[channel: "normal"] == Self.cloud[channel: "normal"])
            gone += isGone ? 1 : 0
        }
        #expect((10...30).contains(gone))
        // What is gone stays gone, and what is given to networks is 0 on any scale.
        let after = ViewRecipe(
            name: "test",
            [ChannelDrop(channel: "colour", probability: 1), ChromaticChange(channel: "colour")])
        let view = after(Self.cloud, seed: 1, step: 1, sample: 1)
        let scale = Feature.Scale(subtract: [0.5], divide: [0.1])
        let values = try features(of: view, [Feature("colour", scale: scale)]).values
        #expect(values.allSatisfy { $0 == 0 })
    }

    @Test func groupsAndTheirDefaultsAreRead() throws {
        let json = """
            {"name": "v", "augmentations": [{"channel-drop": {"channel": "colour"}},
             {"channel-drop": {"channels": ["colour", "normal"], "probability": 0.5}},
             {"feature-mask": {}}]}
            """
        let recipe = try JSONDecoder().decode(ViewRecipe.self, from: Data(json.utf8))
        #expect(
            recipe
                == ViewRecipe(
                    name: "v",
                    [
                        ChannelDrop(channel: "colour"),
                        ChannelDrop(channels: ["colour", "normal"], probability: 0.5),
                        FeatureMask(),
                    ]))
        #expect(
            recipe.augmentations.map(\.namedChannels) == [["colour"], ["colour", "normal"], []])
    }

    @Test(arguments: [
        ("channel-drop", #"{"channel": "colour", "chance": 1}"#, ": did you mean 'channel'?"),
        (
            "channel-drop", #"{"channel": "colour", "likelihood": 1}"#,
            "; it has channel, channels, probability."
        ),
        ("rotation", #"{"degrees": [0, 9], "axis": 2}"#, "; it has degrees."),
    ])
    func unknownSettingsAreRefused(name: String, settings: String, advice: String) {
        let json = #"{"name": "v", "augmentations": [{"\#(name)": \#(settings)}]}"#
        #expect {
            try JSONDecoder().decode(ViewRecipe.self, from: Data(json.utf8))
        } throws: { error in
            guard case DecodingError.dataCorrupted(let context) = error else { return false }
            return context.debugDescription.hasSuffix(advice)
        }
    }

    @Test func recipesAreReadBackAsWritten() throws {
        for recipe in [ViewRecipe.weak, .strong, .init(name: "all", Self.augmentations)] {
            let json = try JSONEncoder().encode(recipe)
            #expect(try JSONDecoder().decode(ViewRecipe.self, from: json) == recipe)
        }
        #expect(ViewRecipe.weak != ViewRecipe.strong)
        #expect(
            ViewRecipe.weak.removing(Rotation.self)
                == ViewRecipe(name: "weak", [Flip(), Scaling(factor: 0.95...1.05)]))
        #expect(Set(Augmentations.catalogue.map { $0.name }).count == Augmentations.catalogue.count)
    }

    @Test func augmentationThatHidesQuarterTurnsIsNamed() {
        #expect(ViewRecipe.weak.disturbanceOfQuarterTurns?.contains("remove the rotation") == true)
        let flips = ViewRecipe(name: "v", [Flip(x: 0.5, y: 0), Flip(x: 0, y: 0.1)])
        #expect(flips.disturbanceOfQuarterTurns?.contains("together are half a turn") == true)
        #expect(ViewRecipe(name: "v", [Flip(x: 0, y: 0.5)]).disturbanceOfQuarterTurns == nil)
        for recipe in [ViewRecipe.plain, .weak, .strong] {
            let kept = recipe.keepingQuarterTurns
            #expect(kept.disturbanceOfQuarterTurns == nil)
            #expect(kept.name == recipe.name)
        }
        #expect(
            ViewRecipe.weak.keepingQuarterTurns
                == ViewRecipe(name: "weak", [Flip(x: 0.5, y: 0), Scaling(factor: 0.95...1.05)]))
    }

    @Test(arguments: [
        #"{"name": "v", "augmentations": [{"rotaton": {"degrees": [0, 1]}}]}"#,
        #"{"name": "v", "augmentations": [{"flip": {"x": 2, "y": 0}}]}"#,
        #"{"name": "v", "augmentations": [{"elastic-distortion": {"granularity": 0, "magnitude": 1}}]}"#,
    ])
    func invalidSettingsAreRefused(json: String) {
        #expect(throws: PointCloudError.self) {
            try JSONDecoder().decode(ViewRecipe.self, from: Data(json.utf8))
        }
    }
}
