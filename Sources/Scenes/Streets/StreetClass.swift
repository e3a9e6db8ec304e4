package import PointClouds

/// Classes of generated streets in the order of their labels.
package enum StreetClass: Int32, CaseIterable, Sendable {
    case road, marking, parking, sidewalk, terrain
    case building, wall, fence
    case vegetation, trunk, pole, sign, furniture
    case car, truck, person, bicycle

    package var name: String {
        switch self {
        case .road: "road"
        case .marking: "lane-marking"
        case .parking: "parking"
        case .sidewalk: "sidewalk"
        case .terrain: "terrain"
        case .building: "building"
        case .wall: "wall"
        case .fence: "fence"
        case .vegetation: "vegetation"
        case .trunk: "trunk"
        case .pole: "pole"
        case .sign: "traffic-sign"
        case .furniture: "street-furniture"
        case .car: "car"
        case .truck: "truck-or-bus"
        case .person: "person"
        case .bicycle: "bicycle"
        }
    }

    /// Colour of the class; SemanticKITTI's for the classes that both have.
    package var colour: Palette.Colour {
        switch self {
        case .road: Palette.Colour(255, 0, 255)
        case .marking: Palette.Colour(255, 230, 255)
        case .parking: Palette.Colour(255, 150, 255)
        case .sidewalk: Palette.Colour(75, 0, 75)
        case .terrain: Palette.Colour(150, 240, 80)
        case .building: Palette.Colour(255, 200, 0)
        case .wall: Palette.Colour(190, 130, 90)
        case .fence: Palette.Colour(255, 120, 50)
        case .vegetation: Palette.Colour(0, 175, 0)
        case .trunk: Palette.Colour(135, 60, 0)
        case .pole: Palette.Colour(255, 240, 150)
        case .sign: Palette.Colour(255, 0, 0)
        case .furniture: Palette.Colour(0, 200, 190)
        case .car: Palette.Colour(100, 150, 245)
        case .truck: Palette.Colour(80, 30, 180)
        case .person: Palette.Colour(255, 30, 30)
        case .bicycle: Palette.Colour(100, 230, 245)
        }
    }
}

extension Scenery {
    /// Adds a material of a street class.
    mutating func paint(
        _ what: StreetClass, reflectance: Float, grain: Float = 0.08, loss: Float = 0,
        freePath: Float = 0
    ) -> Int {
        paint(
            Material(
                label: what.rawValue, reflectance: reflectance, grain: grain, loss: loss,
                freePath: freePath))
    }
}
