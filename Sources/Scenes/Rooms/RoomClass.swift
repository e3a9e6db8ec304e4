package import PointClouds
import Tensors

/// Classes of generated rooms in the order of their labels.
package enum RoomClass: Int32, CaseIterable, Sendable {
    case floor, ceiling, wall, column, door, window, curtain, picture
    case table, chair, sofa, bed, bookcase, cabinet
    case lamp, plant, screen, clutter

    package var name: String { String(describing: self) }

    /// Colour of the class: muted for large surfaces, saturated for small objects.
    package var colour: Palette.Colour {
        switch self {
        case .floor: Palette.Colour(174, 199, 150)
        case .ceiling: Palette.Colour(90, 90, 110)
        case .wall: Palette.Colour(150, 165, 190)
        case .column: Palette.Colour(230, 190, 255)
        case .door: Palette.Colour(214, 39, 40)
        case .window: Palette.Colour(80, 200, 240)
        case .curtain: Palette.Colour(220, 150, 70)
        case .picture: Palette.Colour(250, 220, 60)
        case .table: Palette.Colour(255, 127, 40)
        case .chair: Palette.Colour(60, 200, 80)
        case .sofa: Palette.Colour(140, 90, 200)
        case .bed: Palette.Colour(255, 150, 180)
        case .bookcase: Palette.Colour(130, 80, 60)
        case .cabinet: Palette.Colour(40, 110, 190)
        case .lamp: Palette.Colour(255, 255, 170)
        case .plant: Palette.Colour(20, 140, 40)
        case .screen: Palette.Colour(0, 240, 200)
        case .clutter: Palette.Colour(255, 0, 160)
        }
    }
}

extension Scenery {
    /// Adds a material of a room class.
    mutating func paint(
        _ what: RoomClass, _ colour: SIMD3<Float>, grain: Float = 0.06, loss: Float = 0,
        freePath: Float = 0
    ) -> Int {
        paint(
            Material(
                label: what.rawValue, reflectance: 0.5, colour: colour, grain: grain, loss: loss,
                freePath: freePath))
    }

    /// Adds wood from pale to dark, or painted.
    mutating func wood(_ what: RoomClass) -> Int {
        if random.chance(0.25) {
            return paint(what, SIMD3(repeating: random.uniform(in: 0.75...0.95)))
        }
        let tone = random.uniform(in: 0.35...1.25)
        let red = random.uniform(in: 0.9...1.1)
        return paint(what, SIMD3(0.62 * red, 0.43, 0.26) * tone, grain: 0.14)
    }

    /// Adds cloth or paint of a random hue.
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

    /// Adds chromed or dark steel, which loses some returns.
    mutating func metal(_ what: RoomClass) -> Int {
        paint(what, SIMD3(repeating: random.pick([0.12, 0.45, 0.7])), loss: 0.04)
    }
}
