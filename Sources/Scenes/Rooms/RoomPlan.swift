import Tensors

/// Extent of a room and the doors and windows in its four walls.
///
/// The plan's origin is the middle of the floor, and z is up. Wall `k` is the back wall turned by k
/// quarters. In a wall's axes y points into the room and x along the wall.
struct RoomPlan: Sendable {
    /// Use of the room, which determines its furniture.
    enum Purpose: CaseIterable, Sendable { case living, sleeping, working, dining, meeting }

    /// A door or window.
    struct Opening: Sendable {
        var wall: Int
        /// Position of the middle along the wall.
        var centre: Float
        var width: Float
        var sill: Float
        var head: Float
        var isDoor: Bool
    }

    /// An axis-aligned rectangle of the floor in the plan's axes.
    struct Patch: Sendable {
        var lower: SIMD2<Float>
        var upper: SIMD2<Float>

        func overlaps(_ other: Patch, margin: Float) -> Bool {
            lower.x < other.upper.x + margin && other.lower.x < upper.x + margin
                && lower.y < other.upper.y + margin && other.lower.y < upper.y + margin
        }
    }

    let purpose: Purpose
    /// Length along x, length along y, and height in metres.
    let size: SIMD3<Float>
    let openings: [Opening]
    /// Corner that is not part of an L-shaped room; nil for a rectangular one.
    let recess: Patch?

    init(random: inout CounterGenerator) {
        purpose = random.pick(Purpose.allCases)
        let lengths: ClosedRange<Float> = purpose == .meeting ? 4.2...8.5 : 3.2...6.5
        let size = SIMD3(
            random.uniform(in: lengths), random.uniform(in: 3...5.8), random.uniform(in: 2.35...3.2)
        )
        self.size = size

        var openings: [Opening] = []
        func add(_ opening: Opening, _ random: inout CounterGenerator) {
            var opening = opening
            let length = opening.wall % 2 == 0 ? size.x : size.y
            let slack = length / 2 - opening.width / 2 - 0.2
            guard slack > 0 else { return }
            opening.centre = random.uniform(in: -slack...slack)
            let free = openings.allSatisfy {
                $0.wall != opening.wall
                    || ($0.centre - opening.centre).magnitude > ($0.width + opening.width) / 2
                        + 0.25
            }
            if free { openings.append(opening) }
        }
        let head = random.uniform(in: 1.98...2.15)
        for _ in 0..<(random.chance(0.3) ? 2 : 1) {
            let door = Opening(
                wall: random.index(below: 4), centre: 0, width: random.uniform(in: 0.8...1),
                sill: 0, head: head, isDoor: true)
            add(door, &random)
        }
        let outer = random.index(below: 4)
        let sill = random.chance(0.2) ? 0.15 : random.uniform(in: 0.7...1.1)
        for _ in 0..<(1 + random.index(below: 4)) {
            let window = Opening(
                wall: random.chance(0.75) ? outer : (outer + 1) % 4, centre: 0,
                width: random.uniform(in: 0.7...2), sill: sill,
                head: min(size.z - 0.15, sill + random.uniform(in: 1.1...1.7)), isDoor: false)
            add(window, &random)
        }

        // Only a corner without openings beside it can be cut out.
        let corner = random.index(below: 4)
        let cut = SIMD2(random.uniform(in: 0.7...1.6), random.uniform(in: 0.7...1.6))
        let clear = openings.allSatisfy { $0.wall != corner && $0.wall != (corner + 3) % 4 }
        if clear && random.chance(0.6) {
            let towards = Self.turn(SIMD2(-1, -1), corner)
            let tip = SIMD2(size.x, size.y) / 2 * towards
            let inner = tip - cut * towards
            recess = Patch(lower: pointwiseMin(tip, inner), upper: pointwiseMax(tip, inner))
        } else {
            recess = nil
        }
        self.openings = openings
    }

    /// Length of a wall.
    func length(ofWall wall: Int) -> Float { wall % 2 == 0 ? size.x : size.y }

    /// Distance of a wall from the middle of the room.
    func distance(toWall wall: Int) -> Float { (wall % 2 == 0 ? size.y : size.x) / 2 }

    /// Floor in front of a stretch of wall.
    func patch(wall: Int, centre: Float, width: Float, depth: Float) -> Patch {
        let back = -distance(toWall: wall)
        let one = Self.turn(SIMD2(centre - width / 2, back), wall)
        let other = Self.turn(SIMD2(centre + width / 2, back + depth), wall)
        return Patch(lower: pointwiseMin(one, other), upper: pointwiseMax(one, other))
    }

    /// Rotates a vector by quarters of a turn, exactly.
    static func turn(_ v: SIMD2<Float>, _ quarters: Int) -> SIMD2<Float> {
        switch quarters % 4 {
        case 0: v
        case 1: SIMD2(-v.y, v.x)
        case 2: -v
        default: SIMD2(v.y, -v.x)
        }
    }
}
