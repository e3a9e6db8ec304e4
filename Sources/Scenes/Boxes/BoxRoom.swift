package import PointClouds
package import Tensors

/// A room of twelve plain boxes whose every surface is covered with points.
package struct BoxRoom: Sendable {
    /// Side in metres of a square that contains three points on average.
    package let spacing: Float
    /// Number of points to keep around a random centre.
    package let points: Int

    /// Creates a generator of rooms of the given density.
    package init(spacing: Float, points: Int) {
        self.spacing = spacing
        self.points = points
    }

    /// Floor, ceiling, wall, and ten kinds of boxes, in the order of their labels.
    package static let classes =
        ["floor", "ceiling", "wall"] + (1...10).map { "box \($0)" }

    /// Covers the surfaces and keeps the points nearest to a random centre.
    // The order of draws defines the scene: a draw added before another changes its bits.
    package func cloud(random: inout CounterGenerator) -> Cloud {
        var cover = SurfaceCover(spacing: spacing)
        cover.addRoom(random: &random)
        let kept = cover.around(random.index(below: cover.positions.count), count: points)
        let colours = (0..<Self.classes.count).map { _ in
            SIMD3<Float>(random.uniform(), random.uniform(), random.uniform())
        }
        var values: [Float] = []
        values.reserveCapacity(3 * kept.count)
        for row in kept {
            for axis in 0..<3 {
                let shade = 0.15 + 0.7 * colours[Int(cover.labels[row])][axis]
                values.append(shade + random.uniform(in: -0.15...0.15))
            }
        }
        return Cloud(
            positions: kept.map { cover.positions[$0] },
            channels: [Cloud.Channel(name: "colour", width: 3, values: values)],
            labels: kept.map { cover.labels[$0] })
    }
}
