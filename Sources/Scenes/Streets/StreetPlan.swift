import Tensors

/// Layout of a street: a bent main road with bands on both sides, and perhaps a crossing.
///
/// Positions have a coordinate along the road (s, metres ahead of the sensor) and one across it (d,
/// metres to the left of the centre line). The world's x is s, and its y is d plus the bend of the
/// centre line.
struct StreetPlan: Sendable {
    /// Type of the neighbourhood, which determines widths and objects.
    enum Character: Sendable { case residential, urban, avenue, outskirts }

    /// Widths in metres of the bands beside the carriageway, outwards; 0 for none.
    struct Side: Sendable {
        var parking: Float
        var strip: Float
        var sidewalk: Float
        /// Width between sidewalk and buildings.
        var yard: Float
    }

    /// A road across the main one.
    struct Crossing: Sendable {
        var s: Float
        var half: Float
        var sidewalk: Float
        /// Whether the crossing has zebra stripes.
        var zebra: Bool
    }

    let character: Character
    let bend: Float
    let lanes: Int
    let laneWidth: Float
    let curb: Float
    let left: Side
    let right: Side
    let crossing: Crossing?
    /// Extent of the world in metres ahead, behind and to the sides.
    let reach: Float

    /// Half the width of the lanes.
    var carriage: Float { Float(lanes) * laneWidth }

    init(reach: Float, random: inout CounterGenerator) {
        self.reach = reach
        let character = random.pick([
            Character.residential, .residential, .residential, .urban, .avenue, .avenue, .outskirts,
            .outskirts,
        ])
        self.character = character
        bend = random.uniform(in: -0.0022...0.0022)
        lanes = character == .avenue || (character == .urban && random.chance(0.3)) ? 2 : 1
        laneWidth = random.uniform(in: 2.9...3.6)
        curb = random.uniform(in: 0.06...0.17)
        func side(_ random: inout CounterGenerator) -> Side {
            switch character {
            case .residential:
                Side(
                    parking: random.chance(0.55) ? random.uniform(in: 2...2.4) : 0,
                    strip: random.chance(0.4) ? random.uniform(in: 0.8...2) : 0,
                    sidewalk: random.uniform(in: 1.4...2.6), yard: random.uniform(in: 2...9))
            case .urban:
                Side(
                    parking: random.chance(0.7) ? random.uniform(in: 2...2.4) : 0,
                    strip: random.chance(0.25) ? random.uniform(in: 1...1.8) : 0,
                    sidewalk: random.uniform(in: 2.2...5),
                    yard: random.chance(0.8) ? 0 : random.uniform(in: 1...4))
            case .avenue:
                Side(
                    parking: random.chance(0.35) ? random.uniform(in: 2...2.4) : 0,
                    strip: random.uniform(in: 1.5...4), sidewalk: random.uniform(in: 2...4),
                    yard: random.uniform(in: 0...14))
            case .outskirts:
                Side(
                    parking: 0, strip: random.uniform(in: 1...5),
                    sidewalk: random.chance(0.5) ? random.uniform(in: 1.2...2) : 0,
                    yard: random.uniform(in: 5...20))
            }
        }
        left = side(&random)
        right = side(&random)
        if random.chance(character == .outskirts ? 0.3 : 0.65) {
            crossing = Crossing(
                s: random.sign() * random.uniform(in: 9...45),
                half: random.uniform(in: 2.8...6.5), sidewalk: random.uniform(in: 1.4...3),
                zebra: random.chance(0.7))
        } else {
            crossing = nil
        }
    }

    /// Bands on the side of d.
    func side(_ d: Float) -> Side { d >= 0 ? left : right }

    /// Distance of the sidewalk from the centre line on the side of d.
    func sidewalkStart(_ d: Float) -> Float { carriage + side(d).parking + side(d).strip }

    /// Distance of private ground from the centre line on the side of d.
    func frontage(_ d: Float) -> Float { sidewalkStart(d) + side(d).sidewalk }

    /// Converts a position to world coordinates.
    func place(_ s: Float, _ d: Float) -> SIMD2<Float> { SIMD2(s, d + bend * s * s) }

    /// Direction of the road at s.
    func ahead(_ s: Float) -> SIMD2<Float> { SIMD2(1, 2 * bend * s) }

    /// Distance from the centre line of the crossing along the main road; infinite without a crossing.
    func fromCrossing(_ s: Float) -> Float {
        crossing.map { (s - $0.s).magnitude } ?? .infinity
    }

    /// Whether a position along the main road is outside the crossing, its sidewalks and a margin.
    func isBesideCrossing(_ s: Float, margin: Float = 0) -> Bool {
        guard let crossing else { return true }
        return fromCrossing(s) > crossing.half + crossing.sidewalk + margin
    }
}
