// Survey coordinates do not fit in Float32: at 6,000 km it resolves half a metre.

extension Cloud {
    /// The largest absolute coordinate of positions that are not centred, in metres.
    // Beyond 2^14 m consecutive Float32 values are more than 1 mm apart.
    package static let largestCoordinate = 16_384.0
    /// The largest distance of a coordinate from the middle of a centred cloud, in metres.
    // Beyond 2^17 m consecutive Float32 values are more than 1 cm apart.
    package static let largestDistance = 131_072.0

    /// A cloud of coordinates in Float64, relative to their middle.
    ///
    /// The middle becomes ``origin``; positions keep millimetres within 16 km of it.
    public init(
        coordinates: [SIMD3<Double>], channels: [Channel] = [], labels: [Int32] = []
    ) {
        let origin = Cloud.middle(of: (0..<3).map { axis in coordinates.map { $0[axis] } })
        self.init(
            positions: coordinates.map { SIMD3<Float>($0 - origin) }, origin: origin,
            channels: channels, labels: labels)
    }

    /// The middle of the bounding box of points, at the height of their ground, in whole metres.
    ///
    /// The ground is the height below which one point in a hundred lies (of a few thousand, evenly
    /// spaced), so that noise below the ground does not matter.
    ///
    /// - Parameter axes: the points' x, y and z.
    public static func middle(of axes: [[Double]]) -> SIMD3<Double> {
        guard let z = axes.last, !z.isEmpty else { return .zero }
        let middle = axes.prefix(2).map { values -> Double in
            let (least, greatest) = (values.min() ?? 0, values.max() ?? 0)
            return ((least + greatest) / 2).rounded()
        }
        // A sample suffices for a percentile and keeps the sort short.
        let step = max(1, z.count / 4096)
        let levels = stride(from: 0, to: z.count, by: step).map { z[$0] }.sorted()
        return SIMD3(middle[0], middle[1], levels[levels.count / 100].rounded(.down))
    }

    /// The same points relative to their own middle, as if they had been read alone.
    public func recentred() -> Cloud {
        let shift = Cloud.middle(of: (0..<3).map { axis in positions.map { Double($0[axis]) } })
        var cloud = self
        cloud.positions = positions.map { SIMD3<Float>(SIMD3<Double>($0) - shift) }
        cloud.origin += shift
        return cloud
    }
}
