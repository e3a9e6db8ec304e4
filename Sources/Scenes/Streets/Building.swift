import Tensors

extension Scenery {
    /// Adds a house whose front is at the pose and faces its -y.
    ///
    /// The house is `size.x` wide along the street and `size.y` deep, and its walls are `size.z` high.
    /// The front has recessed windows, a door, and perhaps balconies or a shop.
    mutating func addBuilding(_ size: SIMD3<Float>, at pose: Pose, isShop: Bool) {
        let stone = paint(
            .building, reflectance: random.uniform(in: 0.25...0.65), grain: 0.15)
        let trim = paint(.building, reflectance: random.uniform(in: 0.3...0.7))
        let glass = paint(.building, reflectance: 0.1, loss: 0.5)
        let recess = random.uniform(in: 0.12...0.3)
        // The body is behind the front by the recess, so its glass is visible through the openings.
        // The walls begin below ground, which is not level.
        let foot: Float = -1
        box(
            SIMD3(size.x - 0.02, size.y - recess, size.z - foot),
            on: SIMD3(0, (size.y + recess) / 2, foot), in: pose, of: glass)
        for side: Float in [-1, 1] {
            box(
                SIMD3(0.3, size.y, size.z - foot),
                on: SIMD3(side * (size.x / 2 - 0.15), size.y / 2, foot), in: pose, of: stone)
        }
        box(
            SIMD3(size.x, 0.3, size.z - foot), on: SIMD3(0, size.y - 0.15, foot), in: pose,
            of: stone)
        addFront(size, recess: recess, at: pose, isShop: isShop, stone: stone, trim: trim)
        addRoof(size, at: pose)
    }

    private mutating func addFront(
        _ size: SIMD3<Float>, recess: Float, at pose: Pose, isShop: Bool, stone: Int, trim: Int
    ) {
        let storey = random.uniform(in: 2.7...3.4)
        let storeys = max(1, Int(size.z / storey))
        let columns = max(1, Int(size.x / random.uniform(in: 2.4...3.6)))
        let bay = size.x / Float(columns)
        let window = bay * random.uniform(in: 0.35...0.6)
        let sill = random.uniform(in: 0.7...1)
        let tall = min(random.uniform(in: 1.2...1.9), storey - sill - 0.4)
        let balconies = storeys > 1 && random.chance(0.4)
        let sills = random.chance(0.6)
        let door = random.index(below: columns)

        func band(_ scenery: inout Scenery, from low: Float, to high: Float) {
            scenery.box(
                SIMD3(size.x, recess, high - low), on: SIMD3(0, recess / 2, low), in: pose,
                of: stone)
        }
        var below: Float = -1
        for floor in 0..<storeys {
            let base = Float(floor) * storey
            let shop = floor == 0 && isShop
            let low = base + (shop ? 0.4 : sill)
            let high = base + (shop ? 2.6 : sill + tall)
            band(&self, from: below, to: low)
            let opening = shop ? bay * 0.86 : window
            for column in 0...columns {
                let x = -size.x / 2 + Float(column) * bay
                let atEnd = column == 0 || column == columns
                let pier = (bay - opening) * (atEnd ? 0.5 : 1)
                let shift = column == 0 ? pier / 2 : (column == columns ? -pier / 2 : 0)
                box(
                    SIMD3(pier, recess, high - low), on: SIMD3(x + shift, recess / 2, low),
                    in: pose,
                    of: stone)
            }
            for column in 0..<columns {
                let x = -size.x / 2 + (Float(column) + 0.5) * bay
                if floor == 0 && column == door {
                    box(
                        SIMD3(1.1, recess * 0.7, 2.2), on: SIMD3(x, recess * 0.3, 0), in: pose,
                        of: trim)
                    box(SIMD3(1.5, 0.9, 0.14), on: SIMD3(x, -0.4, 0), in: pose, of: trim)
                } else if sills && !shop {
                    box(
                        SIMD3(opening + 0.2, 0.16, 0.08), on: SIMD3(x, -0.06, low - 0.06), in: pose,
                        of: trim)
                }
                if balconies && floor > 0 && (column + floor) % 2 == 0 {
                    addBalcony(
                        width: opening + 0.8, at: pose.moved(SIMD3(x, 0, base)), of: trim)
                }
            }
            if shop && random.chance(0.6) {
                // An awning above the shop.
                box(
                    SIMD3(size.x * 0.9, 1.1, 0.08), on: SIMD3(0, -0.5, 2.65), top: SIMD2(1, 0.8),
                    in: pose, of: trim)
            }
            below = high
        }
        band(&self, from: below, to: size.z)
        box(
            SIMD3(size.x + 0.1, 0.3, 0.22), on: SIMD3(0, -0.05, size.z - 0.25), in: pose, of: trim)
        // A downpipe has the shape of a pole but the class of the building.
        rod(
            from: SIMD3(size.x * 0.46, -0.07, 0), to: SIMD3(size.x * 0.46, -0.07, size.z),
            radius: 0.05, in: pose, of: trim)
    }

    private mutating func addBalcony(width: Float, at pose: Pose, of material: Int) {
        let depth = random.uniform(in: 0.8...1.3)
        box(SIMD3(width, depth, 0.16), on: SIMD3(0, -depth / 2, -0.1), in: pose, of: material)
        box(SIMD3(width, 0.05, 0.1), on: SIMD3(0, -depth, 0.95), in: pose, of: material)
        var x = -width / 2
        while x <= width / 2 {
            box(SIMD3(0.05, 0.05, 0.95), on: SIMD3(x, -depth, 0), in: pose, of: material)
            x += 0.3
        }
    }

    private mutating func addRoof(_ size: SIMD3<Float>, at pose: Pose) {
        let tiles = paint(.building, reflectance: random.uniform(in: 0.2...0.4), grain: 0.2)
        let over = SIMD3(size.x + 0.6, size.y + 0.8, size.y * random.uniform(in: 0.22...0.42))
        let foot = SIMD3(0, size.y / 2, size.z)
        switch random.index(below: 3) {
        case 0: box(over, on: foot, top: SIMD2(1, 0.02), in: pose, of: tiles)
        case 1: box(over, on: foot, top: SIMD2(0.55, 0.02), in: pose, of: tiles)
        default:
            box(SIMD3(size.x, size.y, 0.5), on: foot, in: pose, of: tiles)
        }
        if random.chance(0.5) {
            box(
                SIMD3(0.6, 0.6, over.z + 0.8), on: foot + SIMD3(size.x * 0.25, 0.8, 0), in: pose,
                of: tiles)
        }
    }
}
