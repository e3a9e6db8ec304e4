import Tensors

extension Scenery {
    /// Adds a plant in a pot that stands on the pose.
    mutating func addPottedPlant(at pose: Pose, height: Float) {
        let pot = fabric(.plant)
        let green = SIMD3<Float>(
            random.uniform(in: 0.1...0.3), random.uniform(in: 0.35...0.6),
            random.uniform(in: 0.1...0.25))
        let leaves = paint(.plant, green, grain: 0.3, freePath: height * 0.12)
        let stem = paint(.plant, SIMD3(0.35, 0.28, 0.15))
        let potHeight = height * random.uniform(in: 0.2...0.3)
        column(radius: height * 0.1 + 0.03, height: potHeight, top: 1.25, in: pose, of: pot)
        for _ in 0..<(4 + random.index(below: 6)) {
            let (cosine, sine) = circle(random.uniform())
            let out = height * random.uniform(in: 0.04...0.3)
            let tip = SIMD3(
                cosine * out, sine * out,
                potHeight + (height - potHeight) * random.uniform(in: 0.35...0.95))
            rod(
                from: SIMD3(0, 0, potHeight * 0.9), to: tip, radius: 0.008, in: pose, of: stem)
            let size = height * random.uniform(in: 0.14...0.3)
            ball(
                SIMD3(size, size * 0.7, size * 0.8), at: tip, in: pose.turned(random.uniform()),
                of: leaves)
        }
    }

    /// Adds a framed picture or a whiteboard on a wall: its lower edge's middle is the pose.
    mutating func addPicture(width: Float, height: Float, at pose: Pose) {
        let frame = wood(.picture)
        let canvas = random.chance(0.3) ? paint(.picture, SIMD3(repeating: 0.95)) : fabric(.picture)
        box(SIMD3(width, 0.03, height), on: SIMD3(0, 0.015, 0), in: pose, of: frame)
        box(
            SIMD3(width - 0.08, 0.034, height - 0.08), on: SIMD3(0, 0.017, 0.04), in: pose,
            of: canvas)
    }

    /// Adds a television or projection screen on a wall: its lower edge's middle is the pose.
    mutating func addWallScreen(width: Float, at pose: Pose) {
        let black = paintScreen()
        box(SIMD3(width, 0.06, width * 0.57), on: SIMD3(0, 0.05, 0), in: pose, of: black)
        box(
            SIMD3(width * 0.3, 0.05, width * 0.2), on: SIMD3(0, 0.025, width * 0.2), in: pose,
            of: black)
    }

    /// Adds a pillar from floor to ceiling.
    mutating func addPillar(width: Float, height: Float, at pose: Pose) {
        let stone = paint(
            .column, SIMD3(repeating: random.uniform(in: 0.55...0.95)), grain: 0.06)
        if random.chance(0.35) {
            column(radius: width / 2, height: height, in: pose, of: stone)
        } else {
            box(SIMD3(width, width, height), in: pose, of: stone)
        }
    }

    /// Adds up to `count` small objects or plants on a table's top.
    mutating func addOnTop(of size: SIMD2<Float>, height: Float, at pose: Pose, count: Int) {
        for _ in 0..<random.index(below: count + 1) {
            let spot = pose.moved(
                SIMD3(
                    random.uniform(in: -0.42...0.42) * size.x,
                    random.uniform(in: -0.38...0.38) * size.y,
                    height)
            ).turned(random.uniform())
            if random.chance(0.08) {
                addPottedPlant(at: spot, height: random.uniform(in: 0.2...0.4))
            } else {
                addSmallObject(at: spot)
            }
        }
    }

    /// Adds a cup, bottle, bowl, box or pile of books.
    private mutating func addSmallObject(at pose: Pose) {
        let stuff = fabric(.clutter)
        switch random.index(below: 5) {
        case 0: column(radius: 0.04, height: 0.1, in: pose, of: stuff)
        case 1:
            column(radius: 0.04, height: 0.2, in: pose, of: stuff)
            column(radius: 0.015, height: 0.08, on: SIMD3(0, 0, 0.2), in: pose, of: stuff)
        case 2: column(radius: 0.06, height: 0.08, top: 2, in: pose, of: stuff)
        case 3:
            box(
                SIMD3(
                    random.uniform(in: 0.1...0.35), random.uniform(in: 0.1...0.3),
                    random.uniform(in: 0.05...0.25)), in: pose, of: stuff)
        default:
            for book in 0..<(2 + random.index(below: 4)) {
                box(
                    SIMD3(0.24, 0.17, 0.03), on: SIMD3(0, 0, 0.03 * Float(book)),
                    in: pose.turned(random.uniform(in: -0.03...0.03)), of: stuff)
            }
        }
    }

    /// Adds an object on the floor: a box, bag, bin, ball or pair of shoes.
    mutating func addFloorClutter(at pose: Pose) {
        let stuff = fabric(.clutter)
        switch random.index(below: 5) {
        case 0:
            let size = SIMD3<Float>(
                random.uniform(in: 0.25...0.6), random.uniform(in: 0.2...0.5),
                random.uniform(in: 0.15...0.5))
            box(size, in: pose, of: stuff)
            if random.chance(0.4) {
                box(
                    size * 0.7, on: SIMD3(0, 0, size.z), in: pose.turned(random.uniform()),
                    of: stuff)
            }
        case 1:
            ball(
                SIMD3(0.4, 0.28, 0.5), at: SIMD3(0, 0, 0.2), in: pose.tipped(0.03), of: stuff)
        case 2: column(radius: 0.14, height: 0.32, top: 1.2, in: pose, of: stuff)
        case 3: ball(SIMD3(repeating: 0.26), at: SIMD3(0, 0, 0.13), in: pose, of: stuff)
        default:
            for side: Float in [-1, 1] {
                ball(
                    SIMD3(0.1, 0.28, 0.12), at: SIMD3(side * 0.08, 0, 0.04), in: pose, of: stuff)
            }
        }
    }
}
