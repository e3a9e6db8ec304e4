import Synchronization
public import Tensors

extension PointHierarchy {
    /// One resolution of the hierarchy.
    public struct Stage: Sendable {
        /// The cell of each row, in this stage's grid.
        public let gridCoordinates: [SIMD3<Int32>]
        /// The rows of each cloud.
        public let cloudRanges: [Range<Int>]
        /// The remaining levels of each cloud's grid.
        public let depths: [Int]
        /// The curve behind each of ``orders``, for each cloud.
        public let curves: [[CurveOrder]]
        /// The rows in serialised order, cloud by cloud, for each curve.
        public let orders: [[Int32]]
        /// The finer stage's rows that each row of this stage pools; nil for the finest.
        public let pooling: Segments?
        private let made = Made()

        /// The number of rows.
        public var rows: Int { gridCoordinates.count }

        init(
            gridCoordinates: [SIMD3<Int32>], cloudRanges: [Range<Int>], depths: [Int],
            curves: [[CurveOrder]], orders: [[Int32]], pooling: Segments?
        ) {
            self.gridCoordinates = gridCoordinates
            self.cloudRanges = cloudRanges
            self.depths = depths
            self.curves = curves
            self.orders = orders
            self.pooling = pooling
        }

        /// The pairs of neighbours within a cube of `size` cells a side (odd) and the same cloud.
        ///
        /// Made on first use and kept, since all blocks of a stage share it.
        public func kernelMap(size: Int) -> KernelMap {
            precondition(
                size % 2 == 1 && (1...9).contains(size),
                "A kernel of \(size) cells has no centre or is too large.")
            return made.kernelMaps.value(for: size) {
                let pairs = neighbourPairs(
                    gridCoordinates, cloudStarts: [0] + cloudRanges.map { Int32($0.upperBound) },
                    size: size)
                return KernelMap(
                    rows: rows, volume: size * size * size, starts: pairs.starts,
                    inputs: pairs.inputs, outputs: pairs.outputs)
            }
        }

        /// The patches of block `order` of this stage: runs of `patchSize` rows along the curve
        /// `order` modulo the number of curves, within each cloud.
        ///
        /// Made on first use and kept; the stage must have curves.
        public func patchPlan(order: Int, patchSize: Int) -> PatchPlan {
            precondition(patchSize > 0 && order >= 0, "Patches of \(patchSize) points.")
            precondition(!orders.isEmpty, "A stage that does not attend has no curves.")
            let curve = order % orders.count
            return made.patchPlans.value(for: PatchKey(curve: curve, size: patchSize)) {
                PatchPlan(order: orders[curve], cloudRanges: cloudRanges, patchSize: patchSize)
            }
        }

        /// The rotations of queries and keys by the cells of this stage.
        ///
        /// Made on first use and kept.
        ///
        /// - Parameters:
        ///   - base: the ratio of the first wavelength to the one that would follow the last.
        ///   - pairs: rotated pairs of channels of each axis, a sixth of a head's channels.
        public func rotations(base: Double, pairs: Int) -> RotaryAngles {
            made.rotations.value(for: RotationKey(base: base, pairs: pairs)) {
                RotaryAngles(cells: gridCoordinates, base: base, pairs: pairs)
            }
        }

        /// The mean of the members' positions, for each row of this stage.
        ///
        /// `positions` are those of the finer stage's rows; the finest stage returns its argument.
        public func pooled(positions: [SIMD3<Float>]) -> [SIMD3<Float>] {
            guard let pooling else { return positions }
            precondition(positions.count == pooling.rows, "One position for each finer row.")
            return (0..<pooling.count).map { segment in
                let members = Int(pooling.starts[segment])..<Int(pooling.starts[segment + 1])
                // In Double: coordinates of hundreds of metres would lose millimetres in a long sum.
                var sum = SIMD3<Double>()
                for place in members {
                    sum += SIMD3<Double>(positions[Int(pooling.members[place])])
                }
                return SIMD3<Float>(sum / Double(members.count))
            }
        }
    }
}

private struct PatchKey: Hashable {
    var curve: Int
    var size: Int
}

private struct RotationKey: Hashable {
    var base: Double
    var pairs: Int
}

/// Maps and plans that a stage has made so far.
private final class Made: Sendable {
    let rotations = Kept<RotationKey, RotaryAngles>()
    let kernelMaps = Kept<Int, KernelMap>()
    let patchPlans = Kept<PatchKey, PatchPlan>()
}

/// Values that are made on first use; other threads that need a value wait while it is made.
private final class Kept<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let values = Mutex<[Key: Value]>([:])

    func value(for key: Key, _ make: () -> Value) -> Value {
        // Made under the lock: two threads that need one map would otherwise both build it.
        values.withLock { values in
            if let value = values[key] { return value }
            let value = make()
            values[key] = value
            return value
        }
    }
}
