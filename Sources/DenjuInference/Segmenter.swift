public import Networks
public import PointClouds
public import Tensors

/// A trained model that assigns a class to each point of a cloud.
///
/// ```swift
/// let model = try Segmenter("student.safetensors")
/// let cloud = Cloud(coordinates: points, channels: [.init(name: "intensity", values: intensity)])
/// let prediction = try model.label(cloud)
/// print(model.card.classes[Int(prediction.labels[0])].name)
/// ```
///
/// Any number of threads may use a segmenter at once; they share its weights. The result does not
/// depend on the number of threads.
///
/// A network that fits in one pass sees the whole cloud. Larger clouds are divided into overlapping
/// tiles (``Tiling``).
public struct Segmenter: Sendable {
    /// The network.
    public let network: any Network
    /// The grid, features and classes that the model expects.
    public let card: ModelCard
    private let weights: Weights

    /// Reads a model file with a ``ModelCard``, as `denju export` writes it.
    ///
    /// Throws an error that names the file if it is damaged or does not describe its network and
    /// data.
    ///
    /// - Parameters:
    ///   - path: the safetensors file.
    ///   - precision: the precision of matrix products. The call throws for bfloat16 on processors
    ///     without it.
    public init(_ path: String, precision: ProductPrecision = .float32) throws {
        try self.init(ModelFile(path), precision: precision)
    }

    /// Reads the bytes of a model file; `name` is its name in errors.
    ///
    /// Throws as ``init(_:precision:)``.
    public init(
        bytes: [UInt8], name: String, precision: ProductPrecision = .float32
    ) throws {
        try self.init(ModelFile(bytes: bytes, name: name), precision: precision)
    }

    private init(_ file: ModelFile, precision: ProductPrecision) throws {
        let path = file.path
        guard let card = file.card else {
            throw InferenceError(
                "\(path) does not describe its classes and features: write it with "
                    + "'denju export', or import it with --recipe.")
        }
        let network = try file.description.build()
        let weights: Weights
        do {
            weights = try network.adopting(file.tensors)
        } catch {
            throw InferenceError("\(path): \(error)")
        }
        try self.init(network: network, weights: weights, card: card, precision: precision)
    }

    /// A network with its weights, in the order of the network's parameter specifications.
    public init(
        network: any Network, weights: Weights, card: ModelCard,
        precision: ProductPrecision = .float32
    ) throws {
        guard network.classes == card.classes.count else {
            throw InferenceError(
                "The network has \(network.classes) classes, but its data have "
                    + "\(card.classes.count): write the model again with 'denju export'.")
        }
        self.network = network
        self.card = card
        self.weights = weights.frozen(for: network, precision: precision)
    }

    /// Options for labelling a cloud.
    public struct Options: Sendable {
        /// The number of threads; it does not change the result.
        public var threads = 1
        /// The division of large clouds; nil for the standard of the model's grid.
        public var tiling: Tiling?
        /// The number of poses in which the cloud is labelled, from 1 to 8: four quarter turns,
        /// then the quarter turns of the mirror image.
        ///
        /// Each point takes the mean of its probabilities over the poses.
        public var views = 1
        /// Whether class probabilities are returned, which take 4 bytes per point and class.
        public var probabilities = false
        /// Whether the probability of each point's class is returned.
        public var confidence = false
        /// A place in the network whose features are returned; the cloud must then fit in one tile and
        /// have one view.
        public var tap: Tap?
        /// The request to end the labelling early, which throws `CancellationError`.
        public var cancellation: Cancellation?

        /// The defaults: one thread, one view, labels alone.
        public init() {}
    }

    /// The result of labelling a cloud.
    public struct Prediction: Sendable {
        /// The class of each point: a place in ``ModelCard/classes``.
        public let labels: [Int32]
        /// The class probabilities, points x classes; nil unless requested.
        public let probabilities: Tensor?
        /// The probability of each point's class; nil unless requested.
        public let confidence: [Float]?
        /// The features at the requested tap, points x its width; nil unless requested.
        ///
        /// A point has the features of the voxel that it belongs to at the tap's stage.
        public let features: Tensor?
        /// The number of tiles that the cloud was divided into.
        public let tiles: Int
    }

    /// Assigns a class to every point of a cloud.
    ///
    /// The cloud is voxelised with the model's grid; a point has the class of its voxel. Throws an
    /// error if the cloud lacks a channel that the model reads, cannot be voxelised, or is too large for
    /// the features of a tap, and `CancellationError` if the labelling was cancelled.
    public func label(_ cloud: Cloud, _ options: Options = Options()) throws -> Prediction {
        precondition((1...8).contains(options.views), "\(options.views) views of 1 to 8.")
        let width = try featureWidth(of: cloud, card.features)
        guard width == network.inputChannels else {
            throw InferenceError(
                "The model reads \(network.inputChannels) values per point, but "
                    + "\(card.features.map(\.name).joined(separator: ", ")) are \(width) in this cloud."
            )
        }
        if let tap = options.tap { _ = try network.description(of: tap) }
        // With one thread, the caller's own thread team (if any) remains in use.
        guard options.threads > 1 else { return try labelled(cloud, options) }
        return try ThreadTeam(threads: options.threads).working { try labelled(cloud, options) }
    }

    private func labelled(_ cloud: Cloud, _ options: Options) throws -> Prediction {
        let voxels = try VoxelCloud(cloud, gridSize: card.grid)
        let tiling = options.tiling ?? .standard(grid: card.grid)
        let isWhole = voxels.count <= tiling.voxels
        if isWhole, options.views == 1 { return try labelledAtOnce(voxels, options) }
        if let tap = options.tap {
            throw InferenceError(
                "The features at \(tap) come from one pass of the network: label the cloud in one view "
                    + "and one tile (it has \(voxels.count) voxels, a tile \(tiling.voxels)).")
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
                let scores = try outputs(of: shown, options).outputs.logits
                votes.add(scores.softmax(), inverse: shown.inverse, tile)
            }
        }
        return votes.prediction(options, tiles: tiles.count)
    }

    /// The result of a single pass over the whole cloud.
    private func labelledAtOnce(_ voxels: VoxelCloud, _ options: Options) throws -> Prediction {
        let (outputs, hierarchy) = try outputs(of: voxels, options)
        let best = outputs.logits.largestColumns
        // Softmax does not change which score is largest, so that labels alone do not need it.
        let shares =
            options.probabilities || options.confidence ? outputs.logits.softmax() : nil
        return Prediction(
            labels: voxels.inverse.map { best[Int($0)] },
            probabilities: options.probabilities ? shares?.gatherRows(voxels.inverse) : nil,
            confidence: options.confidence
                ? shares.map { shares in
                    let greatest = shares.entries(inColumns: best)
                    return voxels.inverse.map { greatest[Int($0)] }
                } : nil,
            features: options.tap.map { tap in
                let rows = hierarchy.segments(ofStage: tap.stage).segmentOfRow
                return outputs.features(at: tap)
                    .gatherRows(voxels.inverse.map { rows[Int($0)] })
            },
            tiles: 1)
    }

    private func outputs(
        of voxels: VoxelCloud, _ options: Options
    ) throws -> (outputs: NetworkOutputs, hierarchy: PointHierarchy) {
        func check() throws {
            if options.cancellation?.isRequested == true { throw CancellationError() }
        }
        try check()
        let scene = try network.geometry.scene(
            of: [voxels], features: features(of: voxels.cloud, card.features))
        let outputs = network(
            scene,
            ForwardContext(
                .evaluation, of: network, weights, taps: options.tap.map { [$0] } ?? [],
                cancellation: options.cancellation))
        try check()
        return (outputs, scene.hierarchy)
    }
}

extension Cloud {
    /// The cloud in one of eight poses: four quarter turns, then those of its mirror image.
    fileprivate func posed(_ view: Int) -> Cloud {
        var posed = self
        if view >= 4 {
            // A flip with probability 1 does not depend on the generator that it requires.
            var unused = CounterGenerator(seed: 0, step: 0, purpose: .init("poses"))
            Flip(x: 1, y: 0).apply(to: &posed, using: &unused)
        }
        return posed.rotated(quarterTurns: view % 4)
    }
}
