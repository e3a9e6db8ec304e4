import Tensors

/// What the points of generated rooms are, in the order of their labels.
enum RoomClass: Int32, CaseIterable, Sendable {
    case floor, ceiling, wall, column, door, window, curtain, picture
    case table, chair, sofa, bed, bookcase, cabinet
    case lamp, plant, screen, clutter

    var name: String { String(describing: self) }
}

extension Scenery {
    /// Adds a material of a room's class.
    mutating func paint(
        _ what: RoomClass, _ colour: SIMD3<Float>, grain: Float = 0.06, loss: Float = 0,
        freePath: Float = 0
    ) -> Int {
        paint(
            Material(
                label: what.rawValue, reflectance: 0.5, colour: colour, grain: grain, loss: loss,
                freePath: freePath))
    }

    /// Timber from pale to dark, or painted.
    mutating func wood(_ what: RoomClass) -> Int {
        if random.chance(0.25) {
            return paint(what, SIMD3(repeating: random.uniform(in: 0.75...0.95)))
        }
        let tone = random.uniform(in: 0.35...1.25)
        let red = random.uniform(in: 0.9...1.1)
        return paint(what, SIMD3(0.62 * red, 0.43, 0.26) * tone, grain: 0.14)
    }

    /// Cloth or paint of any hue.
    mutating func fabric(_ what: RoomClass, freePath: Float = 0) -> Int {
        let hue = random.uniform()
        let saturation = random.uniform(in: 0.05...0.7)
        let brightness = random.uniform(in: 0.2...0.9)
        var colour = SIMD3<Float>()
        for axis in 0..<3 {
            let wave = 0.5 + 0.5 * circle(hue - Float(axis) / 3).cosine
            colour[axis] = brightness * (1 - saturation * (1 - wave))
        }
        return paint(what, colour, grain: 0.1, freePath: freePath)
    }

    /// Steel, chromed or dark; loses some of the light.
    mutating func metal(_ what: RoomClass) -> Int {
        paint(what, SIMD3(repeating: random.pick([0.12, 0.45, 0.7])), loss: 0.04)
    }
}
