import Tensors

// MARK: - Lots behind the sidewalks
extension StreetBuilder {
    /// Fills both sides of the street with lots and puts trees behind them.
    mutating func buildLots() {
        for left in [true, false] {
            let side: Float = left ? 1 : -1
            var s = -plan.reach
            while s < plan.reach {
                let width =
                    plan.character == .urban
                    ? scenery.random.uniform(in: 9...20) : scenery.random.uniform(in: 12...24)
                let clear =
                    plan.isBesideCrossing(s) && plan.isBesideCrossing(s + width / 2)
                    && plan.isBesideCrossing(s + width)
                if clear {
                    buildLot(from: s, width: width, left: left)
                    s += width
                } else {
                    s += 1.5
                }
            }
            // Trees behind the houses.
            for _ in 0..<14 {
                let s = scenery.random.uniform(in: -plan.reach...plan.reach)
                let d = side * (plan.frontage(side) + scenery.random.uniform(in: 22...42))
                guard plan.isBesideCrossing(s, margin: 3), occupy(s, d, radius: 2) else { continue }
                scenery.addTree(at: pose(s, d), size: 6...14)
            }
        }
    }

    private mutating func buildLot(from s: Float, width: Float, left: Bool) {
        let side: Float = left ? 1 : -1
        let frontage = plan.frontage(side)
        let yard = plan.side(side).yard * scenery.random.uniform(in: 0.8...1.25)
        let isUrban = plan.character == .urban
        let built: [StreetPlan.Character: Float] = [
            .residential: 0.9, .urban: 0.95, .avenue: 0.6, .outskirts: 0.3,
        ]
        let middle = s + width / 2
        // On both sides the lot's x is along the street and its y points away from it.
        var lot = pose(middle, side * (frontage + yard))
        if !left { lot = lot.turned(0.5) }
        if scenery.random.chance(built[plan.character] ?? 0) {
            let storeys =
                isUrban ? 2 + scenery.random.index(below: 4) : 1 + scenery.random.index(below: 3)
            let gap = isUrban ? 0 : scenery.random.uniform(in: 1.5...6)
            let size = SIMD3(
                width - gap, scenery.random.uniform(in: 7...12),
                Float(storeys) * scenery.random.uniform(in: 2.9...3.4) + 0.4)
            scenery.addBuilding(size, at: lot, isShop: isUrban && scenery.random.chance(0.5))
            occupied.append((plan.place(middle, side * (frontage + yard + size.y / 2)), size.y / 2))
        }
        guard yard > 1 else { return }
        let drive = scenery.random.chance(0.5) && width > 11
        if drive {
            let at = s + width * 0.84
            let end = frontage + yard + 1
            ground.addDrive(at: at, width: 3, left: left, to: end)
            if yard > 4.5 && scenery.random.chance(0.6) && occupy(at, side * (end - 3), radius: 2) {
                scenery.addCar(
                    at: pose(at, side * (end - 3.2), turns: 0.25 * scenery.random.sign()))
            }
        }
        enclose(from: s, to: s + width, open: drive ? s + width * 0.84 : nil, left: left)
        plantYard(from: s, width: width, depth: yard, left: left)
    }

    /// Adds a boundary along the frontage with a gap for the drive, or none.
    private mutating func enclose(from s: Float, to end: Float, open: Float?, left: Bool) {
        let d = (left ? 1 : -1) * (plan.frontage(left ? 1 : -1) + 0.25)
        let kind = scenery.random.index(below: 5)
        guard kind < 4 else { return }
        let gate = open ?? (s + end) / 2
        let half: Float = open == nil ? 0.6 : 1.7
        // Straight pieces of at most 6 m approximate the bend of the street.
        var pieces: [Scenery.Piece] = []
        for (start, stop) in [(s, gate - half), (gate + half, end)] where stop - start > 1 {
            var from = start
            while from < stop - 0.5 {
                let length = min(6, stop - from)
                pieces.append(Scenery.Piece(pose: pose(from, d), length: length))
                from += length
            }
        }
        switch kind {
        case 0: scenery.addWall(along: pieces)
        case 1: scenery.addHedge(along: pieces)
        default: scenery.addFence(along: pieces)
        }
    }

    private mutating func plantYard(from s: Float, width: Float, depth: Float, left: Bool) {
        let side: Float = left ? 1 : -1
        let frontage = plan.frontage(side)
        let many = Int(width * depth / 22)
        for _ in 0..<scenery.random.index(below: many + 2) {
            let at = s + width * scenery.random.uniform(in: 0.05...0.7)
            let d = side * (frontage + 1 + (depth - 1.5) * scenery.random.uniform())
            guard occupy(at, d, radius: 0.8) else { continue }
            if depth > 3 && scenery.random.chance(0.4) {
                scenery.addTree(at: pose(at, d), size: 3...9)
            } else {
                scenery.addShrub(at: pose(at, d), size: 0.6...1.8)
            }
        }
    }
}
