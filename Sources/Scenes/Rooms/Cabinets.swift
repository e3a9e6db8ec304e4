import Tensors

extension Scenery {
    /// Adds a bookcase with its back on the pose's x axis: shelves, and books in most of them.
    mutating func addBookcase(_ size: SIMD3<Float>, at pose: Pose) {
        let timber = wood(.bookcase)
        let board: Float = 0.025
        box(SIMD3(size.x, 0.012, size.z), on: SIMD3(0, 0.006, 0), in: pose, of: timber)
        let bays = max(1, Int((size.x / 0.8).rounded()))
        for upright in 0...bays {
            box(
                SIMD3(board, size.y, size.z),
                on: SIMD3(
                    size.x * (Float(upright) / Float(bays) - 0.5) * (1 - board / size.x),
                    size.y / 2, 0),
                in: pose, of: timber)
        }
        let shelves = max(2, Int(size.z / random.uniform(in: 0.3...0.42)))
        let pitch = (size.z - board) / Float(shelves)
        for shelf in 0...shelves {
            box(
                SIMD3(size.x, size.y, board), on: SIMD3(0, size.y / 2, pitch * Float(shelf)),
                in: pose,
                of: timber)
        }
        let bindings = (0..<5).map { _ in fabric(.bookcase) }
        let fill = random.uniform(in: 0.45...0.95)
        for shelf in 0..<shelves {
            var x = -size.x / 2 + 0.04
            let end = size.x / 2 - 0.05
            while x < end {
                guard random.chance(fill) else {
                    x += random.uniform(in: 0.08...0.3)
                    continue
                }
                // A row of books of similar height is one box.
                let run = min(random.uniform(in: 0.08...0.3), end - x)
                let tall = pitch * random.uniform(in: 0.55...0.88)
                box(
                    SIMD3(run, size.y * random.uniform(in: 0.55...0.85), tall),
                    on: SIMD3(x + run / 2, size.y * 0.45, pitch * Float(shelf) + board), in: pose,
                    of: random.pick(bindings))
                x += run + 0.004
            }
        }
    }

    /// Adds a cupboard, chest of drawers or wardrobe with its back on the pose's x axis.
    mutating func addCabinet(_ size: SIMD3<Float>, at pose: Pose) {
        let timber = wood(.cabinet)
        let handle = metal(.cabinet)
        let plinth = random.uniform(in: 0.03...0.12)
        box(
            SIMD3(size.x, size.y - 0.02, size.z - plinth), on: SIMD3(0, size.y / 2 - 0.01, plinth),
            in: pose, of: timber)
        box(
            SIMD3(size.x - 0.06, size.y - 0.08, plinth), on: SIMD3(0, size.y / 2 - 0.04, 0),
            in: pose,
            of: timber)
        let columns = max(1, Int((size.x / random.uniform(in: 0.4...0.6)).rounded()))
        let rows = size.z > 1.3 ? 1 : 1 + random.index(below: 4)
        let width = size.x / Float(columns)
        let height = (size.z - plinth) / Float(rows)
        for column in 0..<columns {
            for row in 0..<rows {
                let x = -size.x / 2 + width * (Float(column) + 0.5)
                let low = plinth + height * Float(row)
                box(
                    SIMD3(width - 0.015, 0.02, height - 0.015),
                    on: SIMD3(x, size.y - 0.01, low + 0.008),
                    in: pose, of: timber)
                if rows > 1 {
                    rod(
                        from: SIMD3(x - 0.06, size.y + 0.025, low + height * 0.6),
                        to: SIMD3(x + 0.06, size.y + 0.025, low + height * 0.6), radius: 0.009,
                        in: pose,
                        of: handle)
                } else {
                    let side = x + width * (column % 2 == 0 ? 0.4 : -0.4)
                    rod(
                        from: SIMD3(side, size.y + 0.025, low + height * 0.45),
                        to: SIMD3(side, size.y + 0.025, low + height * 0.58), radius: 0.009,
                        in: pose,
                        of: handle)
                }
            }
        }
    }

    /// Adds a kitchen's worktop with cupboards below and above, its back on the pose's x axis.
    mutating func addKitchen(width: Float, at pose: Pose) {
        addCabinet(SIMD3(width, 0.58, 0.86), at: pose)
        let stone = paint(.cabinet, SIMD3(repeating: random.uniform(in: 0.2...0.8)), grain: 0.15)
        box(SIMD3(width + 0.02, 0.62, 0.04), on: SIMD3(0, 0.31, 0.86), in: pose, of: stone)
        addOnTop(
            of: SIMD2(width, 0.5), height: 0.9, at: pose.moved(SIMD3(0, 0.3, 0)), count: 5)
        if random.chance(0.7) {
            addCabinet(
                SIMD3(width, 0.34, random.uniform(in: 0.6...0.75)),
                at: pose.moved(SIMD3(0, 0, 1.42)))
        }
    }
}
