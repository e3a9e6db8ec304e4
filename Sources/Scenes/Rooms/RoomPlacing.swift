import Tensors

// Where things fit: against a wall, on a wall, or on free floor.
extension RoomBuilder {
    func isFree(_ patch: RoomPlan.Patch, margin: Float) -> Bool {
        let half = SIMD2(plan.size.x, plan.size.y) / 2
        return patch.lower.x >= -half.x && patch.lower.y >= -half.y && patch.upper.x <= half.x
            && patch.upper.y <= half.y
            && taken.allSatisfy { !$0.overlaps(patch, margin: margin) }
    }

    /// A free stretch of wall for something of this footprint, and the pose at its back's middle.
    ///
    /// Nil if there is none. `tall` things do not stand before doors and windows.
    mutating func atWall(
        width: Float, depth: Float, tall: Bool, gap: Float = 0.03
    ) -> Pose? {
        for _ in 0..<14 {
            let wall = scenery.random.index(below: 4)
            let play = plan.length(ofWall: wall) / 2 - width / 2 - 0.03
            guard play > 0 else { continue }
            // Most things stand in corners or in the middle.
            let spot = scenery.random.index(below: 4)
            let centre =
                spot == 0 ? -play : spot == 1 ? play : scenery.random.uniform(in: -play...play)
            let patch = plan.patch(
                wall: wall, centre: centre, width: width, depth: depth + gap)
            let hides = covered.contains {
                $0.wall == wall && ($0.centre - centre).magnitude < $0.half + width / 2
            }
            guard !(tall && hides), isFree(patch, margin: 0.01) else { continue }
            taken.append(patch)
            if tall { covered.append((wall, centre, width / 2)) }
            return Scenery.wall(wall, of: plan, in: room).moved(SIMD3(centre, gap, 0))
        }
        return nil
    }

    /// A free rectangle anywhere, and the pose at its middle, turned to one of its sides.
    mutating func anywhere(_ size: SIMD2<Float>, margin: Float = 0.05) -> Pose? {
        for _ in 0..<14 {
            let quarter = scenery.random.index(below: 4)
            let extent = quarter % 2 == 0 ? size : SIMD2(size.y, size.x)
            let play = (SIMD2(plan.size.x, plan.size.y) - extent) / 2
            guard play.x > 0 && play.y > 0 else { continue }
            let centre = SIMD2(
                scenery.random.uniform(in: -play.x...play.x),
                scenery.random.uniform(in: -play.y...play.y))
            let patch = RoomPlan.Patch(lower: centre - extent / 2, upper: centre + extent / 2)
            guard isFree(patch, margin: margin) else { continue }
            taken.append(patch)
            return room.moved(SIMD3(centre.x, centre.y, 0)).turned(Float(quarter) / 4)
        }
        return nil
    }

    /// A free stretch of wall at eye height, without taking floor.
    mutating func onWall(width: Float, at height: Float) -> Pose? {
        for _ in 0..<10 {
            let wall = scenery.random.index(below: 4)
            let play = plan.length(ofWall: wall) / 2 - width / 2 - 0.1
            guard play > 0 else { continue }
            let centre = scenery.random.uniform(in: -play...play)
            let hides = covered.contains {
                $0.wall == wall && ($0.centre - centre).magnitude < $0.half + width / 2
            }
            if hides { continue }
            covered.append((wall, centre, width / 2))
            return Scenery.wall(wall, of: plan, in: room).moved(SIMD3(centre, 0, height))
        }
        return nil
    }

    /// A place for a sensor: over free floor, or nil after some tries.
    func standpoint(random: inout CounterGenerator) -> SIMD2<Float>? {
        let play = SIMD2(plan.size.x, plan.size.y) / 2 - 0.35
        for _ in 0..<30 {
            let spot = SIMD2(
                random.uniform(in: -play.x...play.x), random.uniform(in: -play.y...play.y))
            if isFree(RoomPlan.Patch(lower: spot, upper: spot), margin: 0.15) { return spot }
        }
        return nil
    }
}
