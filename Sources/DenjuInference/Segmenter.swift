public import Networks
public import PointClouds
public import Tensors

/// A trained model at work: give it a cloud, and it says what each point is.
///
/// ```swift
/// let model = try Segmenter("student.safetensors")
/// let cloud = Cloud(coordinates: points, channels: [.init(name: "intensity", values: intensity)])
/// let prediction = try model.label(cloud)
/// print(model.card.classes[Int(prediction.labels[0])].name)
/// ```
///
/// A value that any number of threads may use at once; weights are in memory once.
public struct Segmenter: Sendable {
    /// The network.
    public let network: any Network
    /// Grid, features and classes.
    public let card: ModelCard
    private let weights: Weights

    /// Reads a model file that knows its data, as `denju export` writes it.
    ///
    /// - Parameter precision: how exact products are; bfloat16 is refused where the processor has
    ///   none.
    public init(_ path: String, precision: ProductPrecision = .float32) throws {
        let file = try ModelFile(path)
        guard let card = file.card else {
            throw InferenceError(
                "\(path) does not say which classes and features it is for: write it with "
                    + "'denju export', or import it with --recipe.")
        }
        let network = try file.description.build()
        try self.init(
            network: network, weights: network.adopting(file.tensors), card: card,
            precision: precision)
    }

    /// A network with its weights, in the order of its specifications.
    public init(
        network: any Network, weights: Weights, card: ModelCard,
        precision: ProductPrecision = .float32
    ) throws {
        guard network.classes == card.classes.count else {
            throw InferenceError(
                "The network knows \(network.classes) classes, but its data have "
                    + "\(card.classes.count): write the model again with 'denju export'.")
        }
        self.network = network
        self.card = card
        self.weights = weights.frozen(for: network, precision: precision)
    }

    /// How a cloud is labelled.
    public struct Options: Sendable {
        /// Threads that share the work; they change no bit of the result.
        public var threads = 1
        /// How large clouds are cut; nil for what suits the model's grid.
        public var tiling: Tiling?
        /// In how many poses the cloud is shown: turned by quarters, beyond four mirrored as well;
        /// each point takes the mean of what is said of it.
        public var views = 1
        /// Whether class probabilities are wanted, which take 4 bytes a point and class.
        public var probabilities = false

        /// One thread, one view.
        public init() {}
    }

    /// What is said of a cloud's points.
    public struct Prediction: Sendable {
        /// A class for every point, a place in the card's list.
        public let labels: [Int32]
        /// Points x classes; nil unless asked for.
        public let probabilities: Tensor?
        /// How many tiles the cloud was cut into.
        public let tiles: Int
    }

    /// Labels every point of a cloud.
    ///
    /// Throws one sentence if the cloud lacks a channel that the model reads, or cannot be
    /// voxelised.
    public func label(_ cloud: Cloud, _ options: Options = Options()) throws -> Prediction {
        precondition((1...8).contains(options.views), "\(options.views) views of 1 to 8.")
        let width = try featureWidth(of: cloud, card.features)
        guard width == network.inputChannels else {
            throw InferenceError(
                "The model reads \(network.inputChannels) values a point, but "
                    + "\(card.features.map(\.name).joined(separator: ", ")) are \(width) in this cloud."
            )
        }
        // A single thread leaves a team that is already at work to the caller.
        guard options.threads > 1 else { return try labelled(cloud, options) }
        return try ThreadTeam(threads: options.threads).working { try labelled(cloud, options) }
    }

    private func labelled(_ cloud: Cloud, _ options: Options) throws -> Prediction {
        let voxels = try VoxelCloud(cloud, gridSize: card.grid)
        let tiling = options.tiling ?? .standard(grid: card.grid)
        let isWhole = voxels.count <= tiling.voxels
        if isWhole, options.views == 1, !options.probabilities {
            let best = try scores(of: voxels).largestColumns
            return Prediction(
                labels: voxels.inverse.map { best[Int($0)] }, probabilities: nil, tiles: 1)
        }
        let tiles =
            isWhole
            ? [
                Tile(
                    rows: (0..<cloud.count).map(Int32.init),
                    weights: Array(repeating: 1, count: cloud.count))
            ] : tiling.tiles(of: cloud.positions, voxels: voxels.cloud.positions)
        var votes = Votes(points: cloud.count, classes: network.classes)
        for tile in tiles {
            var part = isWhole ? cloud : cloud.selecting(tile.rows)
            if !isWhole, tiling.recentres { part = part.recentred() }
            for view in 0..<options.views {
                let shown = try VoxelCloud(part.posed(view), gridSize: card.grid)
                votes.add(try scores(of: shown).softmax(), inverse: shown.inverse, tile)
            }
        }
        return votes.prediction(withProbabilities: options.probabilities, tiles: tiles.count)
    }

    private func scores(of voxels: VoxelCloud) throws -> Tensor {
        try classScores(
            of: voxels, features: features(of: voxels.cloud, card.features), by: network,
            weights)
    }
}

extension Cloud {
    /// The cloud in one of eight poses: four quarter turns, then the same of its mirror image.
    fileprivate func posed(_ view: Int) -> Cloud {
        var posed = self
        if view >= 4 {
            var unused = CounterGenerator(seed: 0, step: 0, purpose: .init("poses"))
            Flip(x: 1, y: 0).apply(to: &posed, using: &unused)
        }
        return posed.rotated(quarterTurns: view % 4)
    }
}
