/// A ray from a sensor.
package struct Ray: Sendable {
    package let origin: SIMD3<Float>
    /// Direction of length 1.
    package let direction: SIMD3<Float>
    /// Reciprocal of the direction for intersection with boxes.
    // Components near zero are replaced: an infinite reciprocal times 0 would be NaN.
    let inverse: SIMD3<Float>

    package init(from origin: SIMD3<Float>, along direction: SIMD3<Float>) {
        self.origin = origin
        self.direction = direction
        var steered = direction
        for axis in 0..<3 where direction[axis].magnitude < 1e-7 { steered[axis] = 1e-7 }
        inverse = 1 / steered
    }

    package func point(at distance: Float) -> SIMD3<Float> { origin + direction * distance }
}

/// A convex solid: a unit shape under an affine map.
///
/// The map preserves the ray's parameter, so a distance in the unit shape's space is also the distance
/// in the world.
package struct Primitive: Sendable {
    package enum Shape: Sendable {
        /// |x|, |y| ≤ 1 + slope (1 + z) and |z| ≤ 1: a box, a roof, a car's cabin.
        case box
        /// x² + y² + z² ≤ 1.
        case ellipsoid
        /// x² + y² ≤ (1 + slope.x (1 + z))² and |z| ≤ 1: a cylinder, a trunk, a cone.
        case frustum
        /// Points within 1 of the segment |z| ≤ slope.x: a limb, a rail.
        case capsule
    }

    let shape: Shape
    /// Index in the scenery's materials.
    let material: Int
    /// Index in the scenery's solids.
    let number: Int
    /// Parameters of the shape.
    let slope: SIMD2<Float>
    let centre: SIMD3<Float>
    /// First row of the map from the world to the unit shape; the others follow.
    let row0: SIMD3<Float>
    let row1: SIMD3<Float>
    let row2: SIMD3<Float>
    /// Lower corner of the axis-aligned bounding box.
    package let lower: SIMD3<Float>
    /// Upper corner of the axis-aligned bounding box.
    package let upper: SIMD3<Float>

    /// Creates the unit shape scaled by `halves` along the pose's axes and centred at its origin.
    package init(
        _ shape: Shape, halves: SIMD3<Float>, slope: SIMD2<Float> = .zero, at pose: Pose,
        material: Int, number: Int
    ) {
        self.shape = shape
        self.material = material
        self.number = number
        self.slope = slope
        centre = pose.origin
        row0 = pose.x / halves.x
        row1 = pose.y / halves.y
        row2 = pose.z / halves.z
        let widest = 1 + 2 * pointwiseMax(slope, .zero)
        let reach =
            switch shape {
            case .box: SIMD3(widest.x, widest.y, 1)
            case .frustum: SIMD3(widest.x, widest.x, 1)
            case .ellipsoid: SIMD3<Float>(1, 1, 1)
            case .capsule: SIMD3(1, 1, 1 + slope.x)
            }
        let extent = halves * reach
        var half = SIMD3<Float>()
        for axis in 0..<3 {
            half[axis] =
                (pose.x[axis] * extent.x).magnitude + (pose.y[axis] * extent.y).magnitude
                + (pose.z[axis] * extent.z).magnitude
        }
        lower = centre - half
        upper = centre + half
    }
}

// MARK: - Intersection

/// The part of a ray inside a solid, as distances from the ray's origin.
package struct Interval {
    package var entry: Float
    package var exit: Float

    static let all = Interval(entry: -.infinity, exit: .infinity)
    static let none = Interval(entry: .infinity, exit: -.infinity)

    package var isEmpty: Bool { !(entry <= exit) }

    /// Restricts the interval to `offset + t rate <= 0`.
    @inline(__always)
    mutating func keep(_ offset: Float, _ rate: Float) {
        if rate > 0 {
            exit = min(exit, -offset / rate)
        } else if rate < 0 {
            entry = max(entry, -offset / rate)
        } else if offset > 0 {
            self = .none
        }
    }

    /// Restricts the interval to `a t² + 2 b t + c <= 0`; of two parts, keeps the one that overlaps.
    @inline(__always)
    mutating func keep(quadratic a: Float, _ b: Float, _ c: Float) {
        let discriminant = b * b - a * c
        // Below 1e-9 the quadratic term is rounding error, and division by it would magnify it.
        if a > 1e-9 {
            guard discriminant >= 0 else {
                self = .none
                return
            }
            let root = discriminant.squareRoot()
            entry = max(entry, (-b - root) / a)
            exit = min(exit, (-b + root) / a)
        } else if a < -1e-9 {
            guard discriminant >= 0 else { return }
            let root = discriminant.squareRoot()
            let first = (-b + root) / a
            let second = (-b - root) / a
            if entry <= first { exit = min(exit, first) } else { entry = max(entry, second) }
        } else {
            keep(c, 2 * b)
        }
    }
}

extension Primitive {
    @inline(__always)
    private func local(_ point: SIMD3<Float>) -> SIMD3<Float> {
        let from = point - centre
        return SIMD3(dot(row0, from), dot(row1, from), dot(row2, from))
    }

    /// Part of the ray inside the solid; empty if the ray misses it.
    package func interval(_ ray: Ray) -> Interval {
        let o = local(ray.origin)
        let d = SIMD3(
            dot(row0, ray.direction), dot(row1, ray.direction), dot(row2, ray.direction))
        var inside = Interval.all
        switch shape {
        case .box:
            inside.keep(o.z - 1, d.z)
            inside.keep(-o.z - 1, -d.z)
            let reach = 1 + slope * (1 + o.z)
            let growth = slope * d.z
            inside.keep(o.x - reach.x, d.x - growth.x)
            inside.keep(-o.x - reach.x, -d.x - growth.x)
            inside.keep(o.y - reach.y, d.y - growth.y)
            inside.keep(-o.y - reach.y, -d.y - growth.y)
        case .ellipsoid:
            inside.keep(quadratic: dot(d, d), dot(o, d), dot(o, o) - 1)
        case .frustum:
            inside.keep(o.z - 1, d.z)
            inside.keep(-o.z - 1, -d.z)
            if inside.isEmpty { return inside }
            let reach = 1 + slope.x * (1 + o.z)
            let growth = slope.x * d.z
            inside.keep(
                quadratic: d.x * d.x + d.y * d.y - growth * growth,
                o.x * d.x + o.y * d.y - reach * growth, o.x * o.x + o.y * o.y - reach * reach)
        case .capsule:
            inside = capsule(o, d)
        }
        return inside
    }

    /// Part of a ray inside a capsule: from the first entry into its rod or balls to the last exit, as
    /// the union is convex.
    private func capsule(_ o: SIMD3<Float>, _ d: SIMD3<Float>) -> Interval {
        let half = slope.x
        var rod = Interval.all
        rod.keep(o.z - half, d.z)
        rod.keep(-o.z - half, -d.z)
        rod.keep(
            quadratic: d.x * d.x + d.y * d.y, o.x * d.x + o.y * d.y,
            o.x * o.x + o.y * o.y - 1)
        var whole = Interval.none
        if !rod.isEmpty { whole = rod }
        for end in [half, -half] {
            let from = SIMD3(o.x, o.y, o.z - end)
            var ball = Interval.all
            ball.keep(quadratic: dot(d, d), dot(from, d), dot(from, from) - 1)
            if ball.isEmpty { continue }
            whole.entry = min(whole.entry, ball.entry)
            whole.exit = max(whole.exit, ball.exit)
        }
        return whole
    }

    /// Outward normal of length 1 at a point of the surface.
    package func normal(at point: SIMD3<Float>) -> SIMD3<Float> {
        let p = local(point)
        var gradient = p
        switch shape {
        case .ellipsoid: break
        case .box:
            let x = p.x.magnitude - slope.x * (1 + p.z)
            let y = p.y.magnitude - slope.y * (1 + p.z)
            if p.z.magnitude >= max(x, y) {
                gradient = SIMD3(0, 0, p.z < 0 ? -1 : 1)
            } else if x >= y {
                gradient = SIMD3(p.x < 0 ? -1 : 1, 0, -slope.x)
            } else {
                gradient = SIMD3(0, p.y < 0 ? -1 : 1, -slope.y)
            }
        case .frustum:
            let reach = 1 + slope.x * (1 + p.z)
            let radius = (p.x * p.x + p.y * p.y).squareRoot()
            if p.z.magnitude >= radius + 1 - reach {
                gradient = SIMD3(0, 0, p.z < 0 ? -1 : 1)
            } else {
                gradient = SIMD3(p.x, p.y, -slope.x * reach)
            }
        case .capsule:
            gradient.z -= min(max(p.z, -slope.x), slope.x)
        }
        let normal = row0 * gradient.x + row1 * gradient.y + row2 * gradient.z
        let length = dot(normal, normal).squareRoot()
        return length > 0 ? normal / length : SIMD3(0, 0, 1)
    }
}
