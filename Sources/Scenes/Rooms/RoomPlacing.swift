import Tensors

// MARK: - Placement
extension RoomBuilder {
    /// Whether a patch is inside the room and at least `margin` from every occupied one.
    func isFree(_ patch: RoomPlan.Patch, margin: Float) -> Bool {
        let half = SIMD2(plan.size.x, plan.size.y) / 2
        return patch.lower.x >= -half.x && patch.lower.y >= -half.y && patch.upper.x <= half.x
            && patch.upper.y <= half.y
            && occupied.allSatisfy { !$0.overlaps(patch, margin: margin) }
    }

    /// Occupies free floor at a wall and returns the pose at the middle of the object's back.
    ///
    /// Returns nil if no attempt finds free floor. Tall objects are not placed before doors and
    /// windows.
    mutating func atWall(
        width: Float, depth: Float, tall: Bool, gap: Float = 0.03
    ) -> Pose? {
        for _ in 0..<14 {
            let wall = scenery.random.index(below: 4)
            let slack = plan.length(ofWall: wall) / 2 - width / 2 - 0.03
            guard slack > 0 else { continue }
            // Half of the objects are in corners.
            let spot = scenery.random.index(below: 4)
            let centre =
                spot == 0 ? -slack : spot == 1 ? slack : scenery.random.uniform(in: -slack...slack)
            let patch = plan.patch(
                wall: wall, centre: centre, width: width, depth: depth + gap)
            let isCovered = covered.contains {
                $0.wall == wall && ($0.centre - centre).magnitude < $0.half + width / 2
            }
            guard !(tall && isCovered), isFree(patch, margin: 0.01) else { continue }
            occupied.append(patch)
            if tall { covered.append((wall, centre, width / 2)) }
            return Scenery.wall(wall, of: plan, in: room).moved(SIMD3(centre, gap, 0))
        }
        return nil
    }

    /// Occupies a free rectangle of floor and returns the pose at its middle, facing one of its sides.
    mutating func onFloor(_ size: SIMD2<Float>, margin: Float = 0.05) -> Pose? {
        for _ in 0..<14 {
            let quarter = scenery.random.index(below: 4)
            let extent = quarter % 2 == 0 ? size : SIMD2(size.y, size.x)
            let slack = (SIMD2(plan.size.x, plan.size.y) - extent) / 2
            guard slack.x > 0 && slack.y > 0 else { continue }
            let centre = SIMD2(
                scenery.random.uniform(in: -slack.x...slack.x),
                scenery.random.uniform(in: -slack.y...slack.y))
            let patch = RoomPlan.Patch(lower: centre - extent / 2, upper: centre + extent / 2)
            guard isFree(patch, margin: margin) else { continue }
            occupied.append(patch)
            return room.moved(SIMD3(centre.x, centre.y, 0)).turned(Float(quarter) / 4)
        }
        return nil
    }

    /// Covers a free stretch of wall without occupying floor and returns the pose at its lower middle.
    mutating func onWall(width: Float, at height: Float) -> Pose? {
        for _ in 0..<10 {
            let wall = scenery.random.index(below: 4)
            let slack = plan.length(ofWall: wall) / 2 - width / 2 - 0.1
            guard slack > 0 else { continue }
            let centre = scenery.random.uniform(in: -slack...slack)
            let isCovered = covered.contains {
                $0.wall == wall && ($0.centre - centre).magnitude < $0.half + width / 2
            }
            if isCovered { continue }
            covered.append((wall, centre, width / 2))
            return Scenery.wall(wall, of: plan, in: room).moved(SIMD3(centre, 0, height))
        }
        return nil
    }

    /// Draws a position for a sensor above free floor; returns nil if no attempt finds one.
    func standpoint(random: inout CounterGenerator) -> SIMD2<Float>? {
        let slack = SIMD2(plan.size.x, plan.size.y) / 2 - 0.35
        for _ in 0..<30 {
            let spot = SIMD2(
                random.uniform(in: -slack.x...slack.x), random.uniform(in: -slack.y...slack.y))
            if isFree(RoomPlan.Patch(lower: spot, upper: spot), margin: 0.15) { return spot }
        }
        return nil
    }
}
