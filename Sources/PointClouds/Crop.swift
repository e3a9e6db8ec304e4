public import Tensors

/// A part of a cloud, so that a scan of any size fits into memory.
public enum Crop: Sendable, Equatable, Codable {
    /// At most this number of points: the nearest to a point that is drawn from the cloud.
    case nearest(points: Int)
    /// The points with `lower <= p < upper` along every axis, metres.
    case box(lower: SIMD3<Float>, upper: SIMD3<Float>)
    /// The points at a horizontal distance `from <= r < to` of the cloud's zero, metres: the range
    /// of a sensor.
    case ring(from: Float, to: Float)

    /// Checks that the crop can contain a point.
    ///
    /// - Throws: ``PointCloudError`` that names the invalid setting.
    public func check() throws {
        switch self {
        case .nearest(let points) where points < 1:
            throw PointCloudError("A crop to \(points) points keeps none; points must be positive.")
        case .box(let lower, let upper) where !all(lower .< upper):
            throw PointCloudError("A crop to a box needs lower below upper along every axis.")
        case .ring(let from, let to) where !(from >= 0 && from < to):
            throw PointCloudError("A crop to a ring needs 0 <= from < to, not \(from) and \(to).")
        default: break
        }
    }

    /// The points inside the crop, in their order.
    ///
    /// The cost is linear. Of two points at the same distance the earlier one counts as nearer.
    public func rows(
        of positions: [SIMD3<Float>], using generator: inout CounterGenerator
    ) -> [Int32] {
        switch self {
        case .nearest(let points):
            precondition(points > 0, "A crop of \(points) points.")
            guard positions.count > points else { return (0..<Int32(positions.count)).map { $0 } }
            let centre = positions[generator.index(below: positions.count)]
            // Bit patterns of non-negative Float32 values sort like the values, in a radix sort.
            let distances = positions.map { position in
                let step = position - centre
                return UInt64((step * step).sum().bitPattern)
            }
            var stays = [Bool](repeating: false, count: positions.count)
            for row in sortingOrder(distances).prefix(points) { stays[Int(row)] = true }
            return positions.indices.filter { stays[$0] }.map { Int32($0) }
        case .box(let lower, let upper):
            return positions.indices.filter {
                all(positions[$0] .>= lower) && all(positions[$0] .< upper)
            }.map { Int32($0) }
        case .ring(let from, let to):
            return positions.indices.filter {
                let (x, y) = (positions[$0].x, positions[$0].y)
                let square = x * x + y * y
                return square >= from * from && square < to * to
            }.map { Int32($0) }
        }
    }

    private func rows(
        of positions: [SIMD3<Float>], seed: UInt64, step: Int, sample: UInt64
    ) -> [Int32] {
        var generator = CounterGenerator(
            seed: seed, step: step, sample: sample, purpose: .init("crop"))
        return rows(of: positions, using: &generator)
    }

    /// The part of a cloud.
    public func callAsFunction(
        _ cloud: Cloud, seed: UInt64, step: Int, sample: UInt64
    ) -> Cloud {
        cloud.selecting(rows(of: cloud.positions, seed: seed, step: step, sample: sample))
    }

    /// The part of a voxel cloud; points of removed voxels have -1 in its `inverse`.
    public func callAsFunction(
        _ voxels: VoxelCloud, seed: UInt64, step: Int, sample: UInt64
    ) -> VoxelCloud {
        voxels.selecting(rows(of: voxels.cloud.positions, seed: seed, step: step, sample: sample))
    }
}
