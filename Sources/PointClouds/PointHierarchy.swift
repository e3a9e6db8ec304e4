public import Tensors

/// The geometry of voxel clouds, stage by stage, for a network that pools them.
///
/// Rows of a stage are ordered cloud by cloud. Rows of stage 0 have the voxel clouds' own order; rows
/// of a coarser stage are the occupied cells along the first curve. The geometry of a cloud does not
/// depend on the other clouds (under the default ``DepthRule``). With inherited curves every step
/// except the sort of stage 0 is linear: pooling drops the last bits of the codes, which keeps their
/// order. Stages with curves of their own are sorted anew (``StageCurves``).
public struct PointHierarchy: Sendable {
    /// A random permutation of the curves at each stage of each cloud, for training; without it the
    /// curves keep their given order.
    public struct OrderShuffle: Sendable {
        /// The seed of the run.
        public var seed: UInt64
        /// The step.
        public var step: Int
        /// The sample of each cloud.
        public var samples: [UInt64]

        /// A shuffle for clouds of the given samples.
        public init(seed: UInt64, step: Int, samples: [UInt64]) {
            self.seed = seed
            self.step = step
            self.samples = samples
        }

        func permutation(of curves: Int, stage: Int, cloud: Int) -> [Int] {
            var generator = CounterGenerator(
                seed: seed, step: step, sample: samples[cloud],
                purpose: .init("order of the curves \(stage)"))
            return Array(0..<curves).shuffled(using: &generator)
        }
    }

    /// The stages, finest first.
    public let stages: [Stage]

    /// The number of clouds.
    public var clouds: Int { stages[0].cloudRanges.count }

    /// The geometry of clouds of distinct, non-negative cells.
    ///
    /// - Parameters:
    ///   - gridCoordinates: the cells of each cloud.
    ///   - strides: the side of a cell of the next stage in cells, for each pooling. With inherited
    ///     curves they are powers of two, and a cloud with fewer levels left than a pooling removes is
    ///     not pooled by it, as in the public implementation.
    ///   - orders: the curves; the first decides the order of rows in the pooled stages.
    ///   - stageCurves: the origin of the curves of coarser stages.
    /// - Throws: ``PointCloudError`` if a cell is negative, too large or present twice, if a stride
    ///   is no power of two, or if there is no curve.
    public init(
        gridCoordinates: [[SIMD3<Int32>]], strides: [Int],
        orders: [CurveOrder] = CurveOrder.allCases, depthRule: DepthRule = DepthRule(),
        stageCurves: StageCurves = .inherited, shuffle: OrderShuffle? = nil
    ) throws {
        guard !orders.isEmpty else {
            throw PointCloudError(
                "A hierarchy needs at least one curve; there are "
                    + CurveOrder.allCases.map(\.description).joined(separator: ", ") + ".")
        }
        precondition(
            shuffle.map { $0.samples.count == gridCoordinates.count } ?? true,
            "A shuffle needs a sample for each cloud.")
        for stride in strides where stride < 1 {
            throw PointCloudError("A pooling stride of \(stride) is below 1.")
        }
        // The first curve numbers the pooled rows, also of stages that have no curves to attend along.
        let curves: [[CurveOrder]]
        switch stageCurves {
        case .inherited:
            for stride in strides where stride & (stride - 1) != 0 {
                throw PointCloudError("A pooling stride of \(stride) is not a power of two.")
            }
            curves = [[CurveOrder]](repeating: orders, count: strides.count + 1)
        case .own(let attending):
            precondition(
                attending.count == strides.count + 1, "A mark for each of the stages.")
            precondition(shuffle == nil, "Curves of their own are shuffled by the network.")
            curves = attending.map { $0 ? orders : [] }
        }
        func sorted(_ stage: Int) -> [CurveOrder] {
            curves[stage].isEmpty ? [orders[0]] : orders
        }
        var level = try Level(gridCoordinates, curves: sorted(0), depthRule: depthRule)
        var stages = [level.stage(0, curves: curves[0], pooling: nil, shuffle: shuffle)]
        for (index, stride) in strides.enumerated() {
            let pooling: Segments
            (level, pooling) =
                stageCurves == .inherited
                ? level.pooled(levels: stride.trailingZeroBitCount)
                : level.pooledAnew(
                    by: stride, first: orders[0], curves: sorted(index + 1), depthRule: depthRule)
            stages.append(
                level.stage(
                    index + 1, curves: curves[index + 1], pooling: pooling, shuffle: shuffle))
        }
        self.stages = stages
    }

    /// The geometry of voxel clouds.
    public init(
        _ clouds: [VoxelCloud], strides: [Int], orders: [CurveOrder] = CurveOrder.allCases,
        depthRule: DepthRule = DepthRule(), shuffle: OrderShuffle? = nil
    ) throws {
        try self.init(
            gridCoordinates: clouds.map(\.gridCoordinates), strides: strides, orders: orders,
            depthRule: depthRule, shuffle: shuffle)
    }

    /// The rows of a stage (the finest by default) grouped by the row of stage `stage` that they are
    /// pooled into.
    ///
    /// - Parameter finer: at most `stage`.
    public func segments(ofStage stage: Int, from finer: Int = 0) -> Segments {
        var pooled = (0..<Int32(stages[finer].rows)).map { $0 }
        for coarser in stages[(finer + 1)..<(stage + 1)] {
            guard let pooling = coarser.pooling else { continue }
            pooled = pooled.map { pooling.segmentOfRow[Int($0)] }
        }
        return Segments(segmentOfRow: pooled, count: stages[stage].rows)
    }
}
