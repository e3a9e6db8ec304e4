import Checkpoints
import DenjuInference
import Foundation
import Networks
import PointClouds
import Tensors
import Testing

@Suite struct SegmenterTests {
    private let network: PointTransformerV3
    private let weights: Weights
    private let card = ModelCard(
        grid: 0.2, features: ["position", "intensity"],
        classes: [.init("ground", number: 2), .init("tree", number: 5), .init("house")])

    init() throws {
        var configuration = PointTransformerV3.Configuration.preset("tiny-student")!
        configuration.inputChannels = 4
        configuration.classes = 3
        network = try PointTransformerV3(configuration.withPatchSize(64))
        weights = network.initialWeights(seed: 11)
    }

    /// A bumpy field with a number of points.
    private func field(_ count: Int, origin: SIMD3<Double> = .zero) -> Cloud {
        var generator = CounterGenerator(seed: 5, step: 0, purpose: .init("field"))
        let positions = (0..<count).map { _ in
            let (x, y) = (20 * generator.uniform() - 10, 12 * generator.uniform() - 6)
            return SIMD3<Float>(x, y, x * y / 20 + generator.uniform())
        }
        return Cloud(
            positions: positions, origin: origin,
            channels: [.init(name: "intensity", values: positions.map { abs($0.x) / 10 })])
    }

    private func segmenter() throws -> Segmenter {
        try Segmenter(network: network, weights: weights, card: card)
    }

    @Test("a point has the class of its voxel") func pointHasClassOfItsVoxel() throws {
        let cloud = field(3000)
        let voxels = try VoxelCloud(cloud, gridSize: card.grid)
        let best = try classScores(
            of: voxels, features: features(of: voxels.cloud, card.features),
            by: network, weights
        ).largestColumns
        let prediction = try segmenter().label(cloud)
        #expect(prediction.labels == voxels.inverse.map { best[Int($0)] })
        #expect(prediction.probabilities == nil && prediction.tiles == 1)
        #expect(Set(prediction.labels).count > 1, "an untrained network that says one thing only")
    }

    @Test("the number of threads does not change the result")
    func numberOfThreadsDoesNotChangeResult() throws {
        let cloud = field(3000)
        var options = Segmenter.Options()
        options.probabilities = true
        let one = try segmenter().label(cloud, options)
        options.threads = 3
        let three = try segmenter().label(cloud, options)
        #expect(one.labels == three.labels)
        #expect(one.probabilities?.values == three.probabilities?.values)
    }

    @Test("probabilities sum to one") func probabilitiesSumToOne() throws {
        let cloud = field(2000)
        var options = Segmenter.Options()
        options.probabilities = true
        options.views = 8
        let prediction = try segmenter().label(cloud, options)
        let values = try #require(prediction.probabilities)
        #expect(values.rows == cloud.count && values.columns == 3)
        for point in stride(from: 0, to: cloud.count, by: 97) {
            let row = (0..<3).map { values[point, $0] }
            #expect(abs(row.reduce(0, +) - 1) < 1e-4)
            #expect(row[Int(prediction.labels[point])] == row.max())
        }
        options.views = 1
        #expect(try segmenter().label(cloud, options).labels == segmenter().label(cloud).labels)
    }

    /// Each of these tiles contains the whole cloud in its margin.
    @Test("tiles with the widest margin give the result of the whole cloud")
    func tilesWithWidestMarginGiveResultOfWholeCloud() throws {
        let cloud = field(4000)
        var options = Segmenter.Options()
        options.probabilities = true
        let whole = try segmenter().label(cloud, options)
        options.tiling = Tiling(voxels: 700, margin: 1e6)
        let tiled = try segmenter().label(cloud, options)
        #expect(tiled.tiles > 3)
        let worst =
            zip(tiled.probabilities?.values ?? [], whole.probabilities?.values ?? [])
            .map { abs($0 - $1) }.max() ?? .infinity
        #expect(worst < 1e-5, "\(worst)")
        #expect(tiled.labels == whole.labels)
    }

    /// With a narrow margin and without one, most points have the class that they have in the whole
    /// cloud.
    @Test("every point of a tiled cloud is labelled", arguments: [0, 2.5 as Float])
    func everyPointOfTiledCloudIsLabelled(margin: Float) throws {
        let cloud = field(4000, origin: SIMD3(650_000, 6_860_000, 100))
        var options = Segmenter.Options()
        options.probabilities = true
        options.tiling = Tiling(voxels: 700, margin: margin)
        let tiled = try segmenter().label(cloud, options)
        #expect(tiled.tiles > 3)
        let sums = try #require(tiled.probabilities)
        for point in 0..<cloud.count {
            #expect(abs((0..<3).map { sums[point, $0] }.reduce(0, +) - 1) < 1e-4)
        }
    }

    /// By default, positions are those in the cloud and heights are above the cloud's ground.
    @Test("tiles keep their positions unless they are recentred", arguments: [false, true])
    func tilesKeepTheirPositionsUnlessTheyAreRecentred(recentres: Bool) throws {
        // A point in the middle of each voxel, so that both halves have as many.
        let near = (0..<1200).map { place in
            let (x, y) = (Float(place % 40) * 0.25 - 4.875, Float(place / 40) * 0.25 - 3.625)
            return SIMD3<Float>(x, y, (x * y).rounded() * 0.25 + 0.125)
        }
        let far = near.map { $0 + SIMD3(400, 0, 60) }
        let intensity = Cloud.Channel(name: "intensity", values: near.map { abs($0.x) / 5 })
        var cloud = Cloud(
            positions: near + far, origin: SIMD3(650_000, 6_860_000, 100), channels: [intensity])
        cloud.channels[0].values += intensity.values
        var card = card
        card.grid = 0.25
        let segmenter = try Segmenter(network: network, weights: weights, card: card)
        var options = Segmenter.Options()
        options.probabilities = true
        options.tiling = Tiling(voxels: 1500, margin: 0, recentres: recentres)
        let tiled = try segmenter.label(cloud, options)
        #expect(tiled.tiles == 2)
        options.tiling = nil
        var alone = Cloud(positions: far, channels: [intensity])
        if recentres { alone = alone.recentred() }
        let expected = try #require(try segmenter.label(alone, options).probabilities)
        let found = try #require(tiled.probabilities)
        // The row of points on the cut belongs to both tiles.
        let worst = (0..<1200).filter { $0 % 40 != 0 }.flatMap { point in
            (0..<3).map { abs(found[1200 + point, $0] - expected[point, $0]) }
        }.max()
        #expect(try #require(worst) < 1e-6)
    }

    @Test("points on one vertical line form one tile")
    func pointsOnOneVerticalLineFormOneTile() throws {
        let positions = (0..<500).map { SIMD3<Float>(1, 1, Float($0)) }
        let cloud = Cloud(
            positions: positions,
            channels: [.init(name: "intensity", values: positions.map { _ in 0.5 })])
        var options = Segmenter.Options()
        options.tiling = Tiling(voxels: 100, margin: 1)
        let prediction = try segmenter().label(cloud, options)
        #expect(prediction.tiles == 1 && prediction.labels.count == 500)
    }

    @Test("a model file is sufficient to label a cloud")
    func modelFileIsSufficientToLabelCloud() throws {
        let path =
            FileManager.default.temporaryDirectory.appending(
                path: "denju-segmenter-\(UUID().uuidString).safetensors"
            ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let description = try JSONDecoder().decode(
            NetworkRecipe.self, from: JSONEncoder().encode(network.configuration))
        try SafetensorsWriter.write(
            weights, to: path, metadata: ModelFile.metadata(description, card: card))
        let cloud = field(1500)
        let read = try Segmenter(path)
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(
            try Segmenter(bytes: bytes, name: "memory").label(cloud).labels
                == read.label(cloud).labels)
        #expect {
            try Segmenter(bytes: Array(bytes.dropLast()), name: "memory")
        } throws: {
            "\($0)".hasPrefix("memory: ")
        }
        #expect(read.card == card)
        #expect(read.card.number(of: 1) == 5 && read.card.number(of: 2) == 2)
        #expect(try read.label(cloud).labels == segmenter().label(cloud).labels)

        try SafetensorsWriter.write(
            weights, to: path, metadata: ModelFile.metadata(description, card: nil))
        #expect(throws: InferenceError.self) { try Segmenter(path) }
    }

    @Test("a cloud without a required channel is rejected")
    func cloudWithoutRequiredChannelIsRejected() throws {
        let segmenter = try segmenter()
        let bare = Cloud(positions: field(100).positions)
        #expect {
            try segmenter.label(bare)
        } throws: {
            "\($0)".contains("intensity")
        }
    }

    // MARK: - Confidence, features, cancellation

    @Test("the confidence is the probability of a point's class", arguments: [1, 4])
    func confidenceIsProbabilityOfClass(views: Int) throws {
        var options = Segmenter.Options()
        options.views = views
        options.probabilities = true
        options.confidence = true
        let both = try segmenter().label(field(1500), options)
        let shares = try #require(both.probabilities)
        #expect(both.confidence == (0..<1500).map { shares[$0, Int(both.labels[$0])] })
        options.probabilities = false
        let alone = try segmenter().label(field(1500), options)
        #expect(alone.confidence == both.confidence && alone.probabilities == nil)
    }

    @Test("a point has the features of its voxel at every tap")
    func pointHasFeaturesOfItsVoxel() throws {
        let cloud = field(2000)
        let voxels = try VoxelCloud(cloud, gridSize: card.grid)
        let scene = try network.geometry.scene(
            of: [voxels], features: features(of: voxels.cloud, card.features))
        let taps = network.taps.map(\.tap)
        let outputs = network(
            scene, ForwardContext(.evaluation, of: network, weights, taps: taps))
        for tap in taps {
            var options = Segmenter.Options()
            options.tap = tap
            let found = try #require(try segmenter().label(cloud, options).features)
            let expected = outputs.features(at: tap)
            #expect(found.rows == cloud.count && found.columns == expected.columns)
            // Cells of a stage are those of the finest grid, coarsened by the strides so far.
            let stride = network.geometry.strides.prefix(tap.stage).reduce(1, *)
            let cells = scene.hierarchy.stages[tap.stage].gridCoordinates
            let rows = Dictionary(uniqueKeysWithValues: cells.enumerated().map { ($1, $0) })
            for point in 0..<cloud.count {
                let cell = voxels.gridCoordinates[Int(voxels.inverse[point])]
                let row = try #require(rows[cell / Int32(stride)])
                #expect((0..<found.columns).allSatisfy { found[point, $0] == expected[row, $0] })
            }
        }
    }

    @Test("features of a tap need one pass and an existing tap")
    func featuresNeedOnePass() throws {
        var options = Segmenter.Options()
        options.tap = .encoder(1)
        options.views = 2
        #expect(throws: InferenceError.self) { try segmenter().label(field(200), options) }
        options.views = 1
        options.tap = .encoder(9)
        #expect(throws: NetworkError.self) { try segmenter().label(field(200), options) }
    }

    @Test("a cancelled labelling throws, and the next one is whole", arguments: [1, 4])
    func cancelledLabellingThrows(views: Int) throws {
        var options = Segmenter.Options()
        options.views = views
        let cancellation = Cancellation()
        options.cancellation = cancellation
        cancellation.request()
        #expect(throws: CancellationError.self) { try segmenter().label(field(500), options) }
        cancellation.reset()
        let labels = try segmenter().label(field(500), options).labels
        options.cancellation = nil
        #expect(try labels == segmenter().label(field(500), options).labels)
    }
}
