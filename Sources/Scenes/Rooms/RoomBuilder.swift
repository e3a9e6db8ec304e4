package import Tensors

/// Builds a room: a shell and the furniture of its purpose in plausible positions.
///
/// Cupboards, shelves and beds have their backs to walls and leave doors and windows free. Tables have
/// chairs, desks have a chair and screens, and pictures hang on free walls. Lamps, plants and clutter
/// use the remaining space.
package struct RoomBuilder {
    package var scenery: Scenery
    let plan: RoomPlan
    /// Pose of the plan's axes in the world.
    let room: Pose
    /// Occupied parts of the floor.
    var occupied: [RoomPlan.Patch] = []
    /// Covered stretches of walls.
    var covered: [(wall: Int, centre: Float, half: Float)] = []

    /// Builds the room that the generator determines.
    // The order of draws defines the scene: a draw added before another changes its bits.
    package init(random: CounterGenerator) {
        var random = random
        plan = RoomPlan(random: &random)
        room = Pose().turned(random.uniform())
        scenery = Scenery(random: random)
        if let recess = plan.recess {
            occupied.append(recess)
            for wall in 0..<4 { cover(recess, onWall: wall) }
        }
        for opening in plan.openings {
            covered.append((opening.wall, opening.centre, opening.width / 2 + 0.05))
            guard opening.isDoor else { continue }
            // A door needs free floor to open and to be walked through.
            occupied.append(
                plan.patch(
                    wall: opening.wall, centre: opening.centre, width: opening.width, depth: 1))
        }
        scenery.addShell(plan, at: room)
        addPillars()
        switch plan.purpose {
        case .living: furnishLiving()
        case .sleeping: furnishSleeping()
        case .working: furnishWorking()
        case .dining: furnishDining()
        case .meeting: furnishMeeting()
        }
        addCommonObjects()
    }

    /// Marks the part of a wall behind a patch as covered.
    private mutating func cover(_ patch: RoomPlan.Patch, onWall wall: Int) {
        let band = plan.patch(
            wall: wall, centre: 0, width: plan.length(ofWall: wall), depth: 0.05)
        guard band.overlaps(patch, margin: 0) else { return }
        let one = RoomPlan.turn(patch.lower, 4 - wall).x
        let other = RoomPlan.turn(patch.upper, 4 - wall).x
        covered.append((wall, (one + other) / 2, (one - other).magnitude / 2))
    }

    // MARK: - Furnishing

    private mutating func addPillars() {
        guard scenery.random.chance(plan.purpose == .meeting ? 0.6 : 0.3) else { return }
        for _ in 0..<(1 + scenery.random.index(below: 2)) {
            let width = scenery.random.uniform(in: 0.22...0.45)
            if let pose = atWall(width: width, depth: width, tall: true, gap: 0) {
                scenery.addPillar(
                    width: width, height: plan.size.z, at: pose.moved(SIMD3(0, width / 2, 0)))
            }
        }
    }

    private mutating func addBookcases(_ count: Int) {
        for _ in 0..<count {
            let size = SIMD3(
                scenery.random.uniform(in: 0.6...1.8), scenery.random.uniform(in: 0.24...0.36),
                min(scenery.random.uniform(in: 0.9...2.2), plan.size.z - 0.1))
            if let pose = atWall(width: size.x, depth: size.y, tall: true) {
                scenery.addBookcase(size, at: pose)
            }
        }
    }

    private mutating func addCabinets(_ count: Int, tall: Float) {
        for _ in 0..<count {
            let isTall = scenery.random.chance(tall)
            let size = SIMD3(
                scenery.random.uniform(in: 0.6...1.6), scenery.random.uniform(in: 0.35...0.6),
                isTall
                    ? scenery.random.uniform(in: 1.6...2.15) : scenery.random.uniform(in: 0.5...1.1)
            )
            guard let pose = atWall(width: size.x, depth: size.y, tall: isTall) else { continue }
            scenery.addCabinet(size, at: pose)
            if !isTall {
                scenery.addOnTop(
                    of: SIMD2(size.x, size.y), height: size.z,
                    at: pose.moved(SIMD3(0, size.y / 2, 0)), count: 4)
            }
        }
    }

    private mutating func furnishLiving() {
        for sofa in 0..<(1 + scenery.random.index(below: 3)) {
            let width = sofa == 0 ? scenery.random.uniform(in: 1.6...2.4) : 0.95
            let depth = scenery.random.uniform(in: 0.8...0.98)
            if let pose = atWall(width: width, depth: depth, tall: false, gap: 0.05) {
                scenery.addSofa(width: width, depth: depth, at: pose)
            }
        }
        let low = SIMD3<Float>(
            scenery.random.uniform(in: 0.7...1.2), scenery.random.uniform(in: 0.5...0.7),
            scenery.random.uniform(in: 0.36...0.48))
        if let pose = onFloor(SIMD2(low.x, low.y), margin: 0.25) {
            scenery.addTable(low, at: pose)
            scenery.addOnTop(of: SIMD2(low.x, low.y), height: low.z, at: pose, count: 4)
        }
        addScreenCabinet()
        addBookcases(1 + scenery.random.index(below: 2))
        if scenery.random.chance(0.4), let pose = onFloor(SIMD2(2.2, 2.1)) {
            scenery.addTableWithChairs(SIMD2(2.2, 2.1), at: pose, swivel: false)
        }
    }

    /// Adds a low cabinet with a television on it or over it.
    private mutating func addScreenCabinet() {
        let width = scenery.random.uniform(in: 1.2...1.8)
        let height = scenery.random.uniform(in: 0.4...0.6)
        guard let pose = atWall(width: width, depth: 0.42, tall: true) else { return }
        scenery.addCabinet(SIMD3(width, 0.42, height), at: pose)
        let screen = width * scenery.random.uniform(in: 0.6...0.9)
        let raised = scenery.random.chance(0.5) ? height + 0.3 : height + 0.02
        scenery.addWallScreen(width: screen, at: pose.moved(SIMD3(0, 0.04, raised)))
    }

    private mutating func furnishSleeping() {
        for _ in 0..<(scenery.random.chance(0.25) ? 2 : 1) {
            let width: Float = scenery.random.pick([0.9, 1.4, 1.6, 1.8])
            let length = scenery.random.uniform(in: 1.95...2.1)
            guard let pose = atWall(width: width + 1, depth: length, tall: false) else { continue }
            scenery.addBed(width: width, length: length, at: pose)
            for side: Float in [-1, 1] where scenery.random.chance(0.7) {
                let stand = pose.moved(SIMD3(side * (width / 2 + 0.26), 0, 0))
                scenery.addCabinet(SIMD3(0.42, 0.36, 0.5), at: stand)
                if scenery.random.chance(0.6) {
                    scenery.addDeskLamp(at: stand.moved(SIMD3(0, 0.18, 0.5)))
                }
            }
        }
        addCabinets(1 + scenery.random.index(below: 2), tall: 0.75)
        if scenery.random.chance(0.6) { addDesks(1) }
        addBookcases(scenery.random.index(below: 2))
    }

    private mutating func addDesks(_ count: Int) {
        for _ in 0..<count {
            let width = scenery.random.uniform(in: 1.1...1.7)
            let depth = scenery.random.uniform(in: 0.6...0.8)
            if let pose = atWall(width: width, depth: depth + 0.7, tall: false, gap: 0.05) {
                scenery.addDesk(width: width, depth: depth, at: pose)
            }
        }
    }

    private mutating func furnishWorking() {
        addDesks(2 + scenery.random.index(below: 3))
        addBookcases(1 + scenery.random.index(below: 3))
        addCabinets(1 + scenery.random.index(below: 2), tall: 0.4)
        if scenery.random.chance(0.3), let pose = onFloor(SIMD2(2, 2)) {
            scenery.addTableWithChairs(SIMD2(2, 2), at: pose, swivel: true)
        }
    }

    private mutating func furnishDining() {
        let size = SIMD2(
            scenery.random.uniform(in: 2.3...3.2), scenery.random.uniform(in: 1.95...2.2))
        if let pose = onFloor(size) {
            scenery.addTableWithChairs(size, at: pose, swivel: false)
        }
        let width = scenery.random.uniform(in: 1.6...2.8)
        if let pose = atWall(width: width, depth: 0.62, tall: true, gap: 0) {
            scenery.addKitchen(width: width, at: pose)
        }
        if let pose = atWall(width: 0.62, depth: 0.64, tall: true) {
            scenery.addCabinet(SIMD3(0.6, 0.62, scenery.random.uniform(in: 1.6...1.9)), at: pose)
        }
        addCabinets(1, tall: 0.3)
    }

    private mutating func furnishMeeting() {
        let size = SIMD2(
            min(plan.size.x - 0.4, scenery.random.uniform(in: 2.8...4.8)),
            min(plan.size.y - 0.4, scenery.random.uniform(in: 2.1...2.7)))
        if let pose = onFloor(size) {
            scenery.addTableWithChairs(size, at: pose, swivel: scenery.random.chance(0.5))
        }
        let screen = scenery.random.uniform(in: 1.1...1.9)
        if let pose = onWall(width: screen, at: scenery.random.uniform(in: 0.9...1.2)) {
            scenery.addWallScreen(width: screen, at: pose)
        }
        let board = scenery.random.uniform(in: 1.2...2.2)
        if let pose = onWall(width: board, at: 0.9) {
            scenery.addPicture(width: board, height: 1.1, at: pose)
        }
        addCabinets(1, tall: 0.2)
    }

    private mutating func addCommonObjects() {
        for _ in 0..<scenery.random.index(below: 5) {
            let width = scenery.random.uniform(in: 0.35...1.1)
            if let pose = onWall(width: width, at: scenery.random.uniform(in: 1.15...1.5)) {
                scenery.addPicture(
                    width: width, height: scenery.random.uniform(in: 0.3...0.8), at: pose)
            }
        }
        for _ in 0..<scenery.random.index(below: 3) {
            if let pose = atWall(width: 0.5, depth: 0.5, tall: false) {
                scenery.addPottedPlant(
                    at: pose.moved(SIMD3(0, 0.25, 0)),
                    height: scenery.random.uniform(in: 0.5...1.5))
            }
        }
        for _ in 0..<scenery.random.index(below: 3) {
            if let pose = atWall(width: 0.45, depth: 0.45, tall: false) {
                scenery.addFloorLamp(at: pose.moved(SIMD3(0, 0.22, 0)))
            }
        }
        let lamps = plan.purpose == .working || plan.purpose == .meeting ? 3 : 1
        for lamp in 0..<lamps {
            let x = plan.size.x * ((Float(lamp) + 0.5) / Float(lamps) - 0.5)
            scenery.addCeilingLamp(
                at: room.moved(SIMD3(x, scenery.random.uniform(in: -0.4...0.4), plan.size.z)))
        }
        for _ in 0..<scenery.random.index(below: 6) {
            if let pose = onFloor(SIMD2(0.6, 0.6), margin: 0) {
                scenery.addFloorClutter(at: pose.turned(scenery.random.uniform()))
            }
        }
        if scenery.random.chance(0.4) {
            // A rug has the class of the floor and another colour.
            let rug = scenery.fabric(.floor)
            scenery.box(SIMD3(2, 1.4, 0.012), in: room.turned(0.25), of: rug)
        }
    }
}
