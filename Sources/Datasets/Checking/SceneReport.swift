package import PointClouds
import Tensors

/// Statistics of a scene, for the check of a data set.
package struct SceneReport: Sendable, Equatable {
    /// The range of a channel's values.
    package struct Spread: Sendable, Equatable {
        /// The channel's name.
        package let channel: String
        /// The smallest value.
        package let least: Float
        /// The largest value.
        package let greatest: Float
    }

    /// The scene's name.
    package let name: String
    /// The number of points.
    package let points: Int
    /// The number of points of each class.
    package let pointsOfClass: [Int]
    /// The number of points without a class.
    package let ignored: Int
    /// The number of points with the position of another one.
    package let duplicates: Int
    /// The number of points far above or below all others.
    package let outliers: Int
    /// The number of horizontal square metres that contain points.
    package let area: Int
    /// The range of each channel.
    package let spreads: [Spread]
    /// The smallest coordinates of the points, in the data's own system.
    package let lower: SIMD3<Double>
    /// The largest coordinates of the points.
    package let upper: SIMD3<Double>
    /// A hash of positions and labels, which detects copies of a scene under other names.
    package let digest: UInt64

    /// Examines a scene in time linear in its points.
    package init(_ cloud: Cloud, name: String, classes: Int) {
        self.name = name
        points = cloud.count
        var counts = [Int](repeating: 0, count: classes)
        for label in cloud.labels where counts.indices.contains(Int(label)) {
            counts[Int(label)] += 1
        }
        pointsOfClass = counts
        ignored = cloud.count - counts.reduce(0, +)

        var least = cloud.positions.first ?? .zero
        var greatest = least
        var places: [UInt64] = []
        places.reserveCapacity(cloud.count)
        var digest: UInt64 = 0
        for (index, position) in cloud.positions.enumerated() {
            least = pointwiseMin(least, position)
            greatest = pointwiseMax(greatest, position)
            // Positions are compared through hashes of their bits: a set of points would need several times the
            // memory of the scan.
            let place = Self.mix(position)
            places.append(place)
            let label = cloud.labels.isEmpty ? 0 : UInt64(bitPattern: Int64(cloud.labels[index]))
            // The FNV prime spreads each point over all bits of the digest.
            digest = (digest ^ place &+ label) &* 0x100_0000_01b3
        }
        self.digest = digest
        lower = SIMD3(least) + cloud.origin
        upper = SIMD3(greatest) + cloud.origin
        duplicates = Self.repeated(places)
        area = cloud.count == 0 ? 0 : Self.distinct(cloud.positions.map(Self.squareMetre))
        outliers = Self.outliers(of: cloud.positions)
        spreads = cloud.channels.map { channel in
            Spread(
                channel: channel.name, least: channel.values.min() ?? 0,
                greatest: channel.values.max() ?? 0)
        }
    }

    /// Points per horizontal square metre.
    package var density: Double { area == 0 ? 0 : Double(points) / Double(area) }

    // MARK: - Counting

    private static func mix(_ position: SIMD3<Float>) -> UInt64 {
        // A multiplicative mix, since scans on a grid differ in a few bits only.
        var hash = UInt64(position.x.bitPattern) << 32 | UInt64(position.y.bitPattern)
        hash = (hash ^ UInt64(position.z.bitPattern) &* 0x9e37_79b9_7f4a_7c15)
        hash = (hash ^ (hash >> 30)) &* 0xbf58_476d_1ce4_e5b9
        return hash ^ (hash >> 29)
    }

    private static func squareMetre(_ position: SIMD3<Float>) -> UInt64 {
        let cell = SIMD2<Int32>(Int32(position.x.rounded(.down)), Int32(position.y.rounded(.down)))
        return UInt64(UInt32(bitPattern: cell.x)) << 32 | UInt64(UInt32(bitPattern: cell.y))
    }

    private static func repeated(_ keys: [UInt64]) -> Int { keys.count - distinct(keys) }

    private static func distinct(_ keys: [UInt64]) -> Int {
        // Sorted keys take less memory than a set of them: scans have millions of points.
        let order = sortingOrder(keys)
        return order.indices.count { $0 == 0 || keys[Int(order[$0])] != keys[Int(order[$0 - 1])] }
    }

    /// The number of points whose height is several times as far from the others as these are
    /// apart.
    private static func outliers(of positions: [SIMD3<Float>]) -> Int {
        // Fewer points have no percentiles to compare with.
        guard positions.count > 100 else { return 0 }
        // A sample of about 4096 heights is sufficient for percentiles, and quick to sort.
        let step = max(1, positions.count / 4096)
        let heights = stride(from: 0, to: positions.count, by: step).map { positions[$0].z }
            .sorted()
        let low = heights[heights.count / 100]
        let high = heights[heights.count - 1 - heights.count / 100]
        let reach = 5 * (high - low) + 10
        return positions.count { $0.z < low - reach || $0.z > high + reach }
    }
}
