public import PointClouds
public import Tensors

/// A map from the points of clouds to class scores.
///
/// A network is a value without weights: it has its parameters' names and shapes, and computes with
/// the values that a ``ForwardContext`` binds to them. Several threads may use one network at once.
/// A new network is a struct with a ``NetworkConfiguration`` and a line in ``NetworkCatalogue``; it
/// must satisfy `checkNetwork` of NetworkTesting.
public protocol Network: Sendable {
    /// The parameters in the order of the weights, with distinct names.
    var specifications: [ParameterSpecification] { get }
    /// The geometry that the network requires of a scene.
    var geometry: SceneGeometry { get }
    /// Features of a point that the network reads.
    var inputChannels: Int { get }
    /// Class scores of a point that the network computes.
    var classes: Int { get }
    /// The places at which features can be read, in the order of computation.
    var taps: [TapDescription] { get }

    /// The part of the network that a parameter or a recorded value belongs to, by its path.
    func part(of path: String) -> String
    /// The cost of every part on a scene of this geometry, in the order in which parts compute.
    func costs(on hierarchy: PointHierarchy) -> [PartCost]

    /// The class scores of every point of the scene.
    ///
    /// In evaluation a cloud's scores do not depend on the other clouds of the scene. In training
    /// they do through batch normalisation, whose moments the forward context collects.
    func callAsFunction(_ scene: Scene, _ context: ForwardContext) -> NetworkOutputs
}

extension Network {
    /// The number of trained values.
    public var parameterCount: Int {
        specifications.reduce(0) { $0 + ($1.isTrained ? $1.count : 0) }
    }

    /// The first weights of a run of this seed, in the order of the specifications.
    public func initialWeights(seed: UInt64) -> Weights {
        Weights(initially: specifications, seed: seed)
    }
}

extension Network {
    /// The description of a tap; throws one sentence if the network has no such tap.
    public func description(of tap: Tap) throws(NetworkError) -> TapDescription {
        if let found = taps.first(where: { $0.tap == tap }) { return found }
        let names = taps.map(\.tap.description).joined(separator: ", ")
        throw NetworkError("The network has no tap \(tap); its taps are \(names).")
    }
}

/// A place at which features can be read, with the features' width.
public struct TapDescription: Sendable, Hashable {
    /// The place.
    public let tap: Tap
    /// Channels of the features.
    public let width: Int

    /// A description of the given tap.
    public init(tap: Tap, width: Int) {
        self.tap = tap
        self.width = width
    }
}

extension [TapDescription] {
    /// Every encoder stage from fine to coarse, then every decoder stage back.
    ///
    /// - Parameters:
    ///   - encoder: channels of the encoder's stages, finest first.
    ///   - decoder: channels of the decoder's stages, finest first.
    init(encoder: [Int], decoder: [Int]) {
        self =
            encoder.enumerated().map { TapDescription(tap: .encoder($0.offset), width: $0.element) }
            + decoder.enumerated().reversed().map {
                TapDescription(tap: .decoder($0.offset), width: $0.element)
            }
    }
}

/// The geometry that a network requires of a scene; networks with equal requirements can share one
/// ``PointHierarchy``, as teacher and student do.
public struct SceneGeometry: Sendable, Hashable {
    /// The factors by which the grid coarsens from each stage to the next.
    public let strides: [Int]
    /// The curves along which points are serialised.
    public let orders: [CurveOrder]
    /// The rule for the number of levels of the curves.
    public let depthRule: DepthRule
    /// The origin of the curves of coarser stages.
    public let stageCurves: StageCurves
    /// Whether the network reads the positions of voxels, in metres.
    public let usesPositions: Bool

    /// A geometry of the given strides and curves.
    public init(
        strides: [Int], orders: [CurveOrder], depthRule: DepthRule = DepthRule(),
        stageCurves: StageCurves = .inherited, usesPositions: Bool = false
    ) {
        self.strides = strides
        self.orders = orders
        self.depthRule = depthRule
        self.stageCurves = stageCurves
        self.usesPositions = usesPositions
    }

    /// The scene of voxel clouds, with their positions if the network reads them.
    ///
    /// - Parameters:
    ///   - features: voxels x channels, cloud by cloud.
    ///   - hierarchy: the clouds' hierarchy of this geometry, if there is one already.
    public func scene(
        of clouds: [VoxelCloud], features: Tensor, hierarchy: PointHierarchy? = nil
    ) throws -> Scene {
        Scene(
            features: features,
            hierarchy: try hierarchy
                ?? self.hierarchy(gridCoordinates: clouds.map(\.gridCoordinates)),
            positions: usesPositions ? clouds.flatMap(\.cloud.positions) : [])
    }

    /// Whether the rows of a stage are the same voxels in the same order under another geometry.
    ///
    /// Those of the finest stage always are. Pooled rows are numbered along the first curve: for Morton's
    /// whatever its number of levels, for Hilbert's only if that is the same. A stride above 2 pools a
    /// tiny cloud unless curves are inherited.
    package func numbersRows(ofStage stage: Int, like other: SceneGeometry) -> Bool {
        let strides = self.strides.prefix(stage)
        guard stage > 0 else { return true }
        guard strides == other.strides.prefix(stage), orders.first == other.orders.first else {
            return false
        }
        switch (stageCurves, other.stageCurves) {
        case (.inherited, .inherited), (.own, .own):
            return depthRule == other.depthRule || isMorton && stageCurves != .inherited
        default: return isMorton && strides.allSatisfy { $0 <= 2 }
        }
    }

    private var isMorton: Bool { orders.first == .z || orders.first == .zTransposed }

    /// The geometry of these clouds' voxels; throws if a coordinate is negative or too large, or a
    /// voxel is present twice.
    public func hierarchy(gridCoordinates: [[SIMD3<Int32>]]) throws -> PointHierarchy {
        try PointHierarchy(
            gridCoordinates: gridCoordinates, strides: strides, orders: orders,
            depthRule: depthRule, stageCurves: stageCurves)
    }
}

/// The input of a network: the voxels of one or more clouds, with their features and geometry.
public struct Scene: Sendable {
    /// Features of every voxel, cloud by cloud: rows of `hierarchy.stages[0]` x channels.
    public let features: Tensor
    /// The neighbours, patches and pooling of the voxels at every stage.
    public let hierarchy: PointHierarchy
    /// The position of every voxel in metres, cloud by cloud; empty for networks that read none.
    public let positions: [SIMD3<Float>]

    /// A scene of the given features and geometry.
    public init(
        features: Tensor, hierarchy: PointHierarchy, positions: [SIMD3<Float>] = []
    ) {
        precondition(
            features.rows == hierarchy.stages[0].rows,
            "\(features.rows) rows of features for \(hierarchy.stages[0].rows) voxels.")
        self.features = features
        self.hierarchy = hierarchy
        self.positions = positions
    }
}
