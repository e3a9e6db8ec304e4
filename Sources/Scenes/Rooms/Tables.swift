import Tensors

extension Scenery {
    /// Adds a table or desk centred on the pose, `size.x` by `size.y` and `size.z` high.
    mutating func addTable(_ size: SIMD3<Float>, at pose: Pose, drawers: Bool = false) {
        let top = wood(.table)
        let frame = random.chance(0.4) ? metal(.table) : top
        let thickness = random.uniform(in: 0.02...0.05)
        let board = SIMD3(0, 0, size.z - thickness)
        let round = !drawers && random.chance(0.2)
        if round {
            column(
                radius: min(size.x, size.y) / 2, height: thickness, on: board, in: pose, of: top)
        } else {
            box(SIMD3(size.x, size.y, thickness), on: board, in: pose, of: top)
        }
        let inset = SIMD2(size.x, size.y) / 2 - 0.05
        switch round ? 3 : random.index(below: 3) {
        case 0, 1:
            let thick = random.uniform(in: 0.035...0.08)
            for x: Float in [-1, 1] {
                for y: Float in [-1, 1] {
                    box(
                        SIMD3(thick, thick, size.z - thickness),
                        on: SIMD3(x * inset.x, y * inset.y, 0),
                        in: pose, of: frame)
                }
                box(
                    SIMD3(0.025, size.y - 0.1, 0.08),
                    on: SIMD3(x * inset.x, 0, size.z - thickness - 0.08),
                    in: pose, of: frame)
            }
        case 2:
            for x: Float in [-1, 1] {
                box(
                    SIMD3(0.04, size.y - 0.08, size.z - thickness),
                    on: SIMD3(x * (inset.x - 0.05), 0, 0),
                    in: pose, of: frame)
            }
            box(
                SIMD3(size.x - 0.2, 0.03, 0.2), on: SIMD3(0, 0, size.z * 0.4), in: pose, of: frame)
        default:
            column(radius: 0.05, height: size.z - thickness, in: pose, of: frame)
            column(
                radius: min(size.x, size.y) * 0.28, height: 0.04, top: 0.9, in: pose, of: frame)
        }
        if drawers {
            let width = min(0.42, size.x * 0.3)
            let x = (size.x / 2 - width / 2 - 0.04) * random.sign()
            box(
                SIMD3(width, size.y - 0.06, size.z - 0.12), on: SIMD3(x, 0, 0.08), in: pose, of: top
            )
        }
    }

    /// Adds a table with chairs around it, in the patch `size` about the pose.
    mutating func addTableWithChairs(_ size: SIMD2<Float>, at pose: Pose, swivel: Bool) {
        let reach: Float = 0.62
        let table = SIMD3(size.x - 2 * reach, size.y - 2 * reach, random.uniform(in: 0.7...0.78))
        addTable(table, at: pose)
        addOnTop(of: SIMD2(table.x, table.y), height: table.z, at: pose, count: 4)
        let full = random.uniform(in: 0.6...1)
        for quarter in 0..<4 {
            let along = quarter % 2 == 0 ? table.x : table.y
            let out = (quarter % 2 == 0 ? table.y : table.x) / 2
            let seats = max(1, Int(along / 0.65))
            for seat in 0..<seats where random.chance(full) {
                let x = along * ((Float(seat) + 0.5) / Float(seats) - 0.5)
                // Pushed in, or drawn back.
                let y = -out - random.uniform(in: 0.02...0.38)
                let place = pose.turned(Float(quarter) / 4).moved(SIMD3(x, y, 0))
                addChair(
                    at: place.turned(random.uniform(in: -0.05...0.05)), swivel: swivel)
            }
        }
    }

    /// Adds a desk with its back on the pose's x axis, its chair, screens and a lamp.
    mutating func addDesk(width: Float, depth: Float, at pose: Pose) {
        let height = random.uniform(in: 0.7...0.77)
        let desk = pose.moved(SIMD3(0, depth / 2, 0))
        addTable(SIMD3(width, depth, height), at: desk, drawers: random.chance(0.5))
        for screen in 0..<(1 + random.index(below: 2)) {
            let x = width * (0.12 - 0.36 * Float(screen)) + random.uniform(in: -0.05...0.05)
            addMonitor(at: pose.moved(SIMD3(x, 0.2, height)))
        }
        let keys = paint(.clutter, SIMD3(repeating: random.pick([0.1, 0.8])))
        box(SIMD3(0.44, 0.15, 0.025), on: SIMD3(0.05, depth - 0.25, height), in: pose, of: keys)
        addOnTop(of: SIMD2(width, depth), height: height, at: desk, count: 3)
        if random.chance(0.4) {
            addDeskLamp(at: pose.moved(SIMD3(width * 0.42, 0.2, height)))
        }
        // The chair faces the desk.
        let place = pose.moved(
            SIMD3(random.uniform(in: -0.15...0.15), depth + random.uniform(in: 0.1...0.4), 0))
        addChair(
            at: place.turned(0.5 + random.uniform(in: -0.08...0.08)), swivel: random.chance(0.7))
    }

    /// Adds a material for screens: dark, or with a picture's mean colour.
    mutating func paintScreen() -> Int {
        let colour =
            random.chance(0.6)
            ? SIMD3(repeating: random.uniform(in: 0.04...0.25))
            : SIMD3<Float>(
                random.uniform(in: 0.2...0.8), random.uniform(in: 0.3...0.8),
                random.uniform(in: 0.4...0.9))
        return paint(.screen, colour, loss: 0.12)
    }

    /// Adds a computer's screen on its foot, its face towards +y.
    mutating func addMonitor(at pose: Pose) {
        let black = paintScreen()
        let width = random.uniform(in: 0.45...0.7)
        let face = pose.turned(random.uniform(in: -0.04...0.04))
        box(SIMD3(0.24, 0.18, 0.015), in: face, of: black)
        box(SIMD3(0.05, 0.04, 0.2), in: face, of: black)
        box(SIMD3(width, 0.035, width * 0.6), on: SIMD3(0, 0.03, 0.12), in: face, of: black)
    }
}
