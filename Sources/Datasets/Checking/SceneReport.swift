package import PointClouds
import Tensors

/// What a scene holds, as a check of a data set counts it.
package struct SceneReport: Sendable, Equatable {
    /// How the values of a channel spread.
    package struct Spread: Sendable, Equatable {
        /// The channel's name.
        package let channel: String
        /// The least value.
        package let least: Float
        /// The greatest value.
        package let greatest: Float
    }

    /// The scene's name.
    package let name: String
    /// How many points.
    package let points: Int
    /// Points of each class.
    package let pointsOfClass: [Int]
    /// Points without a class.
    package let ignored: Int
    /// Points at the very place of another.
    package let duplicates: Int
    /// Points far above or below all others.
    package let outliers: Int
    /// Horizontal square metres in which a point lies.
    package let area: Int
    /// How each channel spreads.
    package let spreads: [Spread]
    /// The box around the points, in the data's own coordinates.
    package let lower: SIMD3<Double>
    /// The box's other corner.
    package let upper: SIMD3<Double>
    /// A hash of positions and labels: the same for the same scene under another name.
    package let digest: UInt64

    /// Counts a scene; linear in its points.
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
            let place = Self.mix(position)
            places.append(place)
            let label = cloud.labels.isEmpty ? 0 : UInt64(bitPattern: Int64(cloud.labels[index]))
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

    /// Points a horizontal square metre.
    package var density: Double { area == 0 ? 0 : Double(points) / Double(area) }

    // MARK: - Counting

    private static func mix(_ position: SIMD3<Float>) -> UInt64 {
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
        let order = sortingOrder(keys)
        return order.indices.count { $0 == 0 || keys[Int(order[$0])] != keys[Int(order[$0 - 1])] }
    }

    /// Points whose height is several times as far from the others' as those are from each other.
    private static func outliers(of positions: [SIMD3<Float>]) -> Int {
        guard positions.count > 100 else { return 0 }
        let step = max(1, positions.count / 4096)
        let heights = stride(from: 0, to: positions.count, by: step).map { positions[$0].z }
            .sorted()
        let low = heights[heights.count / 100]
        let high = heights[heights.count - 1 - heights.count / 100]
        let reach = 5 * (high - low) + 10
        return positions.count { $0.z < low - reach || $0.z > high + reach }
    }
}
