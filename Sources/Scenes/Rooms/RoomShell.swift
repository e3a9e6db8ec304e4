import Tensors

extension Scenery {
    /// Adds floor, ceiling and walls with their doors and windows.
    mutating func addShell(_ plan: RoomPlan, at room: Pose) {
        let size = plan.size
        let floor =
            random.chance(0.6)
            ? wood(.floor)
            : paint(.floor, SIMD3(repeating: random.uniform(in: 0.3...0.8)), grain: 0.12)
        let white = random.uniform(in: 0.85...0.97)
        let ceiling = paint(.ceiling, SIMD3(repeating: white), grain: 0.03)
        let pale = SIMD3<Float>(
            random.uniform(in: 0.7...0.95), random.uniform(in: 0.7...0.95),
            random.uniform(in: 0.65...0.92))
        let plain = paint(.wall, pale, grain: 0.04)
        let accent = random.chance(0.3) ? fabric(.wall) : plain
        let accented = random.index(below: 4)
        // Floor and ceiling extend under and over the walls, so that no ray escapes at the edges.
        box(
            SIMD3(size.x + 0.3, size.y + 0.3, 0.2), on: SIMD3(0, 0, -0.2), in: room, of: floor)
        box(
            SIMD3(size.x + 0.3, size.y + 0.3, 0.2), on: SIMD3(0, 0, size.z), in: room, of: ceiling)
        let skirting = random.uniform(in: 0.06...0.12)
        for wall in 0..<4 {
            let inner = Self.wall(wall, of: plan, in: room)
            let openings = plan.openings.filter { $0.wall == wall }
                .sorted { $0.centre < $1.centre }
            addWall(
                length: plan.length(ofWall: wall), height: size.z, openings: openings,
                skirting: skirting, at: inner, of: wall == accented ? accent : plain)
            for opening in openings {
                let place = inner.moved(SIMD3(opening.centre, 0, 0))
                if opening.isDoor {
                    addDoor(opening, at: place)
                    addHallway(opening, at: place, floor: floor, wall: plain, ceiling: ceiling)
                } else {
                    addWindow(opening, at: place)
                }
            }
        }
        if let recess = plan.recess {
            let extent = recess.upper - recess.lower
            let centre = (recess.lower + recess.upper) / 2
            box(
                SIMD3(extent.x, extent.y, size.z), on: SIMD3(centre.x, centre.y, 0), in: room,
                of: plain)
        }
    }

    /// Pose at the foot of a wall's middle with y into the room.
    static func wall(_ wall: Int, of plan: RoomPlan, in room: Pose) -> Pose {
        room.turned(Float(wall) / 4).moved(SIMD3(0, -plan.distance(toWall: wall), 0))
    }

    private mutating func addWall(
        length: Float, height: Float, openings: [RoomPlan.Opening], skirting: Float,
        at pose: Pose, of material: Int
    ) {
        let thickness: Float = 0.16
        func piece(
            _ scenery: inout Scenery, _ from: Float, _ to: Float, _ low: Float, _ high: Float
        ) {
            guard to - from > 0.01 && high - low > 0.01 else { return }
            scenery.box(
                SIMD3(to - from, thickness, high - low),
                on: SIMD3((from + to) / 2, -thickness / 2, low),
                in: pose, of: material)
            guard low == 0 else { return }
            scenery.box(
                SIMD3(to - from, 0.025, skirting), on: SIMD3((from + to) / 2, 0.0125, 0), in: pose,
                of: material)
        }
        var from = -length / 2 - thickness
        for opening in openings {
            let left = opening.centre - opening.width / 2
            let right = opening.centre + opening.width / 2
            piece(&self, from, left, 0, height)
            piece(&self, left, right, 0, opening.sill)
            piece(&self, left, right, opening.head, height)
            from = right
        }
        piece(&self, from, length / 2 + thickness, 0, height)
    }

    private mutating func addDoor(_ opening: RoomPlan.Opening, at pose: Pose) {
        let timber = wood(.door)
        let steel = metal(.door)
        let half = opening.width / 2
        for side: Float in [-1, 1] {
            box(
                SIMD3(0.08, 0.2, opening.head + 0.07), on: SIMD3(side * (half + 0.03), -0.07, 0),
                in: pose, of: timber)
        }
        box(
            SIMD3(opening.width + 0.2, 0.2, 0.08), on: SIMD3(0, -0.07, opening.head), in: pose,
            of: timber)
        if random.chance(0.15) { return }
        // The hinge is on the left; an open door swings into the room or the hallway.
        var hinge = pose.moved(SIMD3(-half, -0.06, 0))
        if random.chance(0.4) {
            hinge = hinge.turned(random.uniform(in: 0.1...0.32) * random.sign())
        }
        box(
            SIMD3(opening.width - 0.02, 0.04, opening.head - 0.02), on: SIMD3(half, 0, 0.01),
            in: hinge, of: timber)
        let panels = random.index(below: 3)
        for panel in 0..<panels {
            let tall = (opening.head - 0.5) / Float(panels)
            for face: Float in [-1, 1] {
                box(
                    SIMD3(opening.width * 0.6, 0.02, tall - 0.15),
                    on: SIMD3(half, face * 0.025, 0.25 + Float(panel) * tall), in: hinge, of: timber
                )
            }
        }
        for face: Float in [-1, 1] {
            rod(
                from: SIMD3(opening.width - 0.08, face * 0.06, 1.03),
                to: SIMD3(opening.width - 0.2, face * 0.06, 1.03), radius: 0.015, in: hinge,
                of: steel)
        }
    }

    /// Adds the part of a hallway that is visible through an open door.
    private mutating func addHallway(
        _ opening: RoomPlan.Opening, at pose: Pose, floor: Int, wall: Int, ceiling: Int
    ) {
        // Without it the beams through an open door would return nothing.
        let depth = random.uniform(in: 1...1.8)
        let beyond = pose.moved(SIMD3(0, -0.16, 0))
        let width = opening.width + 2.4
        box(SIMD3(width, depth, 0.2), on: SIMD3(0, -depth / 2, -0.2), in: beyond, of: floor)
        box(SIMD3(width, depth, 0.1), on: SIMD3(0, -depth / 2, 2.5), in: beyond, of: ceiling)
        box(SIMD3(width, 0.1, 2.5), on: SIMD3(0, -depth - 0.05, 0), in: beyond, of: wall)
    }

    private mutating func addWindow(_ opening: RoomPlan.Opening, at pose: Pose) {
        let frame =
            random.chance(0.6)
            ? paint(.window, SIMD3(repeating: 0.92)) : wood(.window)
        let glass = paint(.window, SIMD3(0.6, 0.7, 0.8), loss: 0.6)
        let height = opening.head - opening.sill
        let depth: Float = 0.07
        let place = pose.moved(SIMD3(0, -0.1, opening.sill))
        box(SIMD3(opening.width, 0.01, height), in: place, of: glass)
        for side: Float in [-1, 1] {
            box(
                SIMD3(0.07, depth, height), on: SIMD3(side * (opening.width / 2 - 0.035), 0, 0),
                in: place, of: frame)
        }
        for low in [0, height - 0.07] {
            box(SIMD3(opening.width, depth, 0.07), on: SIMD3(0, 0, low), in: place, of: frame)
        }
        if opening.width > 1 {
            box(SIMD3(0.08, depth, height), in: place, of: frame)
        }
        if random.chance(0.4) {
            box(
                SIMD3(opening.width, depth * 0.7, 0.04), on: SIMD3(0, 0, height * 0.6), in: place,
                of: frame)
        }
        box(
            SIMD3(opening.width + 0.14, 0.28, 0.035), on: SIMD3(0, 0.03, -0.035), in: place,
            of: frame)
        if random.chance(0.5) { addCurtains(opening, at: pose) }
    }

    /// Adds a rail and folds of cloth on both sides of a window, or drawn across a part of it.
    private mutating func addCurtains(_ opening: RoomPlan.Opening, at pose: Pose) {
        let cloth = fabric(.curtain)
        let top = opening.head + 0.12
        let foot: Float = random.chance(0.6) ? 0.04 : opening.sill - 0.1
        let reach = opening.width / 2 + 0.2
        rod(
            from: SIMD3(-reach, 0.09, top), to: SIMD3(reach, 0.09, top), radius: 0.014, in: pose,
            of: cloth)
        for side: Float in [-1, 1] {
            let drawn = opening.width * random.uniform(in: 0.12...0.4) + 0.15
            let folds = max(3, Int(drawn / 0.09))
            for fold in 0..<folds {
                let x = side * (reach - drawn * (Float(fold) + 0.5) / Float(folds))
                box(
                    SIMD3(drawn / Float(folds) * 1.1, 0.035, top - foot),
                    on: SIMD3(x, fold % 2 == 0 ? 0.075 : 0.105, foot), in: pose, of: cloth)
            }
        }
    }
}
