import Tensors

/// The ground of a street: heights, surfaces and intersections with rays.
package struct StreetGround: Sendable {
    private let plan: StreetPlan
    private let grade: Float
    private let camber: Float
    private let relief: Float
    private let dash: Float
    private let edgeLines: Bool
    /// Relative heights at the points of a lattice, -1 … 1.
    private var lattice: [Float]
    /// Distance between points of the lattice in metres.
    private static let spacing: Float = 7
    /// Number of points along a side of the lattice.
    private let side: Int
    private let materials: [Int]
    /// Paved drives from the road to houses across sidewalk and yard.
    private var drives: [(centre: Float, half: Float, left: Bool, end: Float)] = []

    init(_ plan: StreetPlan, scenery: inout Scenery) {
        self.plan = plan
        grade = scenery.random.uniform(in: -0.02...0.02)
        camber = scenery.random.uniform(in: 0...0.02)
        relief =
            plan.character == .outskirts
            ? scenery.random.uniform(in: 0.4...1.4) : scenery.random.uniform(in: 0.05...0.4)
        dash = scenery.random.uniform(in: 2...4.5)
        edgeLines = scenery.random.chance(0.5)
        side = 2 * Int((plan.reach * 1.3 / Self.spacing).rounded(.up)) + 2
        lattice = []
        for _ in 0..<side * side { lattice.append(scenery.random.uniform(in: -1...1)) }
        let wear = scenery.random.uniform(in: 0.85...1.2)
        materials = [
            scenery.paint(.road, reflectance: 0.44 * wear, grain: 0.15),
            scenery.paint(.marking, reflectance: 0.8 * wear, grain: 0.25),
            scenery.paint(.parking, reflectance: 0.4 * wear, grain: 0.2),
            scenery.paint(.sidewalk, reflectance: 0.44 * wear, grain: 0.15),
            scenery.paint(.terrain, reflectance: 0.5 * wear, grain: 0.25),
        ]
    }

    /// Adds a drive across sidewalk and yard of a side.
    mutating func addDrive(at s: Float, width: Float, left: Bool, to end: Float) {
        drives.append((s, width / 2, left, end))
    }

    // MARK: - Height

    /// Height in metres at a point of the world.
    func height(_ x: Float, _ y: Float) -> Float {
        let d = y - plan.bend * x * x
        let across = d.magnitude
        let raised =
            across > plan.carriage + plan.side(d).parking
            && plan.fromCrossing(x) > (plan.crossing?.half ?? 0)
        let away = min(max((across - plan.frontage(d)) / 14, 0), 1)
        let rough = 0.025 + relief * away * away * (3 - 2 * away)
        return grade * x - camber * min(across, plan.carriage) + (raised ? plan.curb : 0)
            + rough * noise(x, y)
    }

    /// Point at a height above the ground.
    func point(_ place: SIMD2<Float>, above: Float = 0) -> SIMD3<Float> {
        SIMD3(place.x, place.y, height(place.x, place.y) + above)
    }

    /// Interpolates the lattice with a continuous slope.
    private func noise(_ x: Float, _ y: Float) -> Float {
        let middle = Float(side) / 2
        let u = min(max(x / Self.spacing + middle, 0), Float(side) - 1.001)
        let v = min(max(y / Self.spacing + middle, 0), Float(side) - 1.001)
        let column = Int(u)
        let row = Int(v)
        let a = smooth(u - Float(column))
        let b = smooth(v - Float(row))
        let at = row * side + column
        let near = lattice[at] + a * (lattice[at + 1] - lattice[at])
        let far = lattice[at + side] + a * (lattice[at + side + 1] - lattice[at + side])
        return near + b * (far - near)
    }

    private func smooth(_ t: Float) -> Float { t * t * (3 - 2 * t) }

    // MARK: - Rays

    /// Distance at which a ray enters the ground; nil if it does not within `limit`.
    ///
    /// Marches in steps that grow with the distance, then bisects the last step to a millimetre.
    func firstHit(_ ray: Ray, limit: Float) -> Float? {
        // The ground is nowhere above the ceiling, so a ray from above skips to it.
        let ceiling = grade.magnitude * plan.reach * 1.3 + plan.curb + relief + 0.1
        var distance: Float = 0.5
        if ray.origin.z > ceiling {
            if ray.direction.z >= 0 { return nil }
            distance = max(distance, (ray.origin.z - ceiling) / -ray.direction.z)
        }
        var above = distance
        while distance < limit {
            if clearance(ray, distance) < 0 { break }
            above = distance
            distance += 0.35 + 0.02 * distance
        }
        distance = min(distance, limit)
        if clearance(ray, distance) >= 0 { return nil }
        while distance - above > 0.001 {
            let middle = (above + distance) / 2
            if clearance(ray, middle) < 0 { distance = middle } else { above = middle }
        }
        return distance
    }

    private func clearance(_ ray: Ray, _ distance: Float) -> Float {
        let p = ray.point(at: distance)
        return p.z - height(p.x, p.y)
    }

    /// Describes the intersection of a ray with the ground at a distance.
    func hit(_ ray: Ray, at distance: Float) -> BoundingTree.Hit {
        let p = ray.point(at: distance)
        let east = (height(p.x + 0.3, p.y) - height(p.x - 0.3, p.y)) / 0.6
        let north = (height(p.x, p.y + 0.3) - height(p.x, p.y - 0.3)) / 0.6
        let length = (1 + east * east + north * north).squareRoot()
        let normal = SIMD3(-east, -north, 1) / length
        return BoundingTree.Hit(
            distance: distance, material: materials[Int(surface(p.x, p.y).rawValue)],
            incidence: min(dot(normal, ray.direction).magnitude, 1), normal: normal)
    }

    // MARK: - Surface

    /// Class of the ground at a point of the world; one of the first five classes.
    func surface(_ x: Float, _ y: Float) -> StreetClass {
        let d = y - plan.bend * x * x
        let across = d.magnitude
        let fromCrossing = plan.fromCrossing(x)
        if across < plan.carriage { return lane(x, d, fromCrossing) }
        let bands = plan.side(d)
        if let crossing = plan.crossing {
            if fromCrossing < crossing.half {
                let centred = fromCrossing < 0.07 && wraps(across, dash * 2) < dash
                return centred ? .marking : .road
            }
            if fromCrossing < crossing.half + crossing.sidewalk { return .sidewalk }
        }
        if across < plan.carriage + bands.parking { return parkingBay(x, across) }
        for drive in drives where drive.left == (d > 0) {
            if (x - drive.centre).magnitude < drive.half && across < drive.end { return .parking }
        }
        if across < plan.sidewalkStart(d) { return .terrain }
        return across < plan.frontage(d) ? .sidewalk : .terrain
    }

    private func lane(_ x: Float, _ d: Float, _ fromCrossing: Float) -> StreetClass {
        if let crossing = plan.crossing {
            let before = fromCrossing - crossing.half
            if crossing.zebra && before > 0.6 && before < 3.6 {
                return wraps(d, 1) < 0.5 ? .marking : .road
            }
            if before > 4.4 && before < 4.8 && (x < crossing.s) == (d < 0) { return .marking }
            if before < 1 { return .road }
        }
        let fromLine = (d / plan.laneWidth - (d / plan.laneWidth).rounded()).magnitude
        if fromLine * plan.laneWidth > 0.075 { return .road }
        let line = Int((d.magnitude / plan.laneWidth).rounded())
        if line == plan.lanes { return edgeLines ? .marking : .road }
        return wraps(x, dash * 2.2) < dash ? .marking : .road
    }

    /// Class of the ground in a parking bay with painted ends.
    private func parkingBay(_ x: Float, _ across: Float) -> StreetClass {
        wraps(x, 6) < 0.1 ? .marking : .parking
    }

    /// Remainder in 0 ..< period, also for negative values.
    private func wraps(_ value: Float, _ period: Float) -> Float {
        value - (value / period).rounded(.down) * period
    }
}
