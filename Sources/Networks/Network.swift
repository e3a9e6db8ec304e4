public import PointClouds
public import Tensors

/// What maps the points of clouds to class scores.
///
/// A network is a value without weights: it knows its parameters' names and shapes, and computes
/// with whatever values a ``ForwardContext`` binds to them. One network may run on many threads at once.
/// A new one is a struct with a `Codable` configuration and a line in ``NetworkCatalogue``; it
/// must pass `checkNetwork` of NetworkTesting.
public protocol Network: Sendable {
    /// Its parameters in the order of its weights. Names differ.
    var specifications: [ParameterSpecification] { get }
    /// The geometry it asks of a scene.
    var geometry: SceneGeometry { get }
    /// Features of a point it reads.
    var inputChannels: Int { get }
    /// Class scores of a point it gives.
    var classes: Int { get }
    /// Where features can be read, in the order in which they are computed.
    var taps: [TapDescription] { get }

    /// The part of the network that a parameter or a recorded value belongs to, by its path.
    func part(of path: String) -> String
    /// The cost of every part on a scene of this geometry, in the order in which parts compute.
    func costs(on hierarchy: PointHierarchy) -> [PartCost]

    /// The class scores of every point of the scene.
    ///
    /// In evaluation a cloud's scores do not depend on the other clouds of the scene. In training
    /// they do through batch normalisation, whose moments the pass collects.
    func callAsFunction(_ scene: Scene, _ pass: ForwardContext) -> NetworkOutputs
}

extension Network {
    /// How many numbers are trained.
    public var parameterCount: Int {
        specifications.reduce(0) { $0 + ($1.isTrained ? $1.count : 0) }
    }

    /// The first weights of a run of this seed, in the order of the specifications.
    public func initialWeights(seed: UInt64) -> Weights {
        Weights(initially: specifications, seed: seed)
    }
}

extension Network {
    /// The description of a tap; throws one sentence if the network has none such.
    public func description(of tap: Tap) throws(NetworkError) -> TapDescription {
        if let found = taps.first(where: { $0.tap == tap }) { return found }
        let names = taps.map(\.tap.description).joined(separator: ", ")
        throw NetworkError("The network has no tap \(tap); its taps are \(names).")
    }
}

/// A place where features can be read, with what is read there.
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

/// The geometry a network asks of a scene; networks that ask for the same can share one
/// ``PointHierarchy``, as teacher and student do.
public struct SceneGeometry: Sendable, Hashable {
    /// By how much the grid coarsens from each stage to the next.
    public let strides: [Int]
    /// The curves along which points are serialised.
    public let orders: [CurveOrder]
    /// How many levels the curves have.
    public let depthRule: DepthRule

    /// A geometry of the given strides and curves.
    public init(strides: [Int], orders: [CurveOrder], depthRule: DepthRule = DepthRule()) {
        self.strides = strides
        self.orders = orders
        self.depthRule = depthRule
    }

    /// The geometry of these clouds' voxels; throws if a voxel is negative, too far away or twice
    /// there.
    public func hierarchy(gridCoordinates: [[SIMD3<Int32>]]) throws -> PointHierarchy {
        try PointHierarchy(
            gridCoordinates: gridCoordinates, strides: strides, orders: orders,
            depthRule: depthRule)
    }
}

/// What a network looks at: the voxels of one or more clouds, with their features and geometry.
public struct Scene: Sendable {
    /// Features of every voxel, cloud after cloud: rows of `hierarchy.stages[0]` x channels.
    public let features: Tensor
    /// Who neighbours whom at every stage.
    public let hierarchy: PointHierarchy

    /// A scene of the given features and geometry.
    public init(features: Tensor, hierarchy: PointHierarchy) {
        precondition(
            features.rows == hierarchy.stages[0].rows,
            "\(features.rows) rows of features for \(hierarchy.stages[0].rows) voxels.")
        self.features = features
        self.hierarchy = hierarchy
    }
}
