package import Tensors

/// Class and optical properties of a surface.
package struct Material: Sendable {
    /// Label of the surface's points.
    var label: Int32
    /// Share of light that the surface returns at normal incidence.
    var reflectance: Float
    /// Red, green and blue, 0 … 1.
    var colour: SIMD3<Float>
    /// Relative variation of reflectance and colour from point to point.
    var grain: Float
    /// Probability that a beam is lost, as on glass or water.
    var loss: Float
    /// Mean depth in metres that a beam reaches in foliage or netting; 0 for a solid.
    var freePath: Float

    package init(
        label: Int32, reflectance: Float, colour: SIMD3<Float> = SIMD3(0.5, 0.5, 0.5),
        grain: Float = 0.08, loss: Float = 0, freePath: Float = 0
    ) {
        self.label = label
        self.reflectance = reflectance
        self.colour = colour
        self.grain = grain
        self.loss = loss
        self.freePath = freePath
    }
}

/// A scene under construction: solids, their materials, and the generator of random numbers.
package struct Scenery: Sendable {
    private(set) var materials: [Material] = []
    package private(set) var primitives: [Primitive] = []
    var random: CounterGenerator

    package init(random: CounterGenerator) { self.random = random }

    /// Adds a material and returns its index.
    package mutating func paint(_ material: Material) -> Int {
        materials.append(material)
        return materials.count - 1
    }

    /// Adds a box that stands on a point of the pose; `top` is the size of its top relative to its
    /// foot.
    package mutating func box(
        _ size: SIMD3<Float>, on foot: SIMD3<Float> = .zero, top: SIMD2<Float> = .one,
        in pose: Pose, of material: Int
    ) {
        let centre = pose.moved(foot + SIMD3(0, 0, size.z / 2))
        add(.box, halves: size / 2, slope: (top - 1) / 2, at: centre, of: material)
    }

    /// Adds an ellipsoid centred at a point of the pose.
    package mutating func ball(
        _ size: SIMD3<Float>, at centre: SIMD3<Float> = .zero, in pose: Pose, of material: Int
    ) {
        add(.ellipsoid, halves: size / 2, at: pose.moved(centre), of: material)
    }

    /// Adds a cylinder that stands on a point of the pose; `top` is its upper radius relative to its
    /// lower one.
    package mutating func column(
        radius: Float, height: Float, on foot: SIMD3<Float> = .zero, top: Float = 1,
        in pose: Pose, of material: Int
    ) {
        let slope = SIMD2<Float>(repeating: (top - 1) / 2)
        add(
            .frustum, halves: SIMD3(radius, radius, height / 2), slope: slope,
            at: pose.moved(foot + SIMD3(0, 0, height / 2)), of: material)
    }

    /// Adds a rod with round ends between two points of the pose.
    package mutating func rod(
        from start: SIMD3<Float>, to end: SIMD3<Float>, radius: Float, in pose: Pose,
        of material: Int
    ) {
        let placed = Self.along(pose(start), pose(end))
        add(
            .capsule, halves: SIMD3(repeating: radius),
            slope: SIMD2(repeating: placed.length / 2 / radius), at: placed.pose, of: material)
    }

    /// Adds a flat disc centred at a point of the pose with the pose's y as its axis: a wheel, a round
    /// sign.
    mutating func disc(
        radius: Float, thickness: Float, at centre: SIMD3<Float>, in pose: Pose,
        of material: Int
    ) {
        var across = pose.moved(centre)
        (across.y, across.z) = (-across.z, across.y)
        add(.frustum, halves: SIMD3(radius, radius, thickness / 2), at: across, of: material)
    }

    private mutating func add(
        _ shape: Primitive.Shape, halves: SIMD3<Float>, slope: SIMD2<Float> = .zero,
        at pose: Pose, of material: Int
    ) {
        primitives.append(
            Primitive(
                shape, halves: halves, slope: slope, at: pose, material: material,
                number: primitives.count))
    }

    /// Pose at the middle of a segment with z along the segment.
    private static func along(
        _ start: SIMD3<Float>, _ end: SIMD3<Float>
    ) -> (pose: Pose, length: Float) {
        let way = end - start
        let length = max(dot(way, way).squareRoot(), 1e-4)
        var pose = Pose(at: (start + end) / 2)
        pose.z = way / length
        // An axis that is not nearly parallel to z makes the projection below well conditioned.
        let aside: SIMD3<Float> =
            pose.z.x.magnitude < 0.6 ? SIMD3(1, 0, 0) : SIMD3(0, 1, 0)
        let part = aside - pose.z * dot(aside, pose.z)
        pose.x = part / dot(part, part).squareRoot()
        pose.y = SIMD3(
            pose.z.y * pose.x.z - pose.z.z * pose.x.y,
            pose.z.z * pose.x.x - pose.z.x * pose.x.z,
            pose.z.x * pose.x.y - pose.z.y * pose.x.x)
        return (pose, length)
    }
}

extension CounterGenerator {
    /// Returns true with the given probability.
    mutating func chance(_ probability: Float) -> Bool { uniform() < probability }

    /// Picks one of the elements with equal probability.
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }

    /// Returns -1 or 1 with equal probability.
    mutating func sign() -> Float { chance(0.5) ? 1 : -1 }
}
