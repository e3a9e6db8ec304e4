package import Tensors

/// Builds a street with objects in plausible positions.
///
/// Traffic is in lanes and parked cars are in bays. Trees, lamps and signs line the curb. People and
/// furniture are on sidewalks, and behind them are lots with houses, walls, fences and hedges.
package struct StreetBuilder {
    package var scenery: Scenery
    package var ground: StreetGround
    let plan: StreetPlan
    /// Occupied discs of the ground.
    var occupied: [(centre: SIMD2<Float>, radius: Float)] = []

    /// Builds the street that the generator determines, up to `reach` metres in every direction.
    // The order of draws defines the scene: a draw added before another changes its bits.
    package init(reach: Float, random: CounterGenerator) {
        var random = random
        plan = StreetPlan(reach: reach, random: &random)
        scenery = Scenery(random: random)
        ground = StreetGround(plan, scenery: &scenery)
        // The sensor's car is not built, but nothing else may be in its position.
        occupied = [(plan.place(0, sensorLane), 3)]
        buildLots()
        addTraffic()
        for left in [true, false] {
            parkCars(left: left)
            furnishCurb(left: left)
            populateSidewalk(left: left)
        }
        furnishCrossing()
    }

    /// Offset of the sensor's car from the centre line: the middle of the rightmost lane.
    private var sensorLane: Float { -plan.laneWidth * (Float(plan.lanes) - 0.5) }

    /// Position of the sensor.
    package var sensor: SIMD3<Float> {
        ground.point(plan.place(0, sensorLane), above: SpinningLidar.height)
    }

    // MARK: - Placement

    /// Pose on the ground at (s, d) that faces along the road, turned by `turns`.
    func pose(_ s: Float, _ d: Float, turns: Float = 0) -> Pose {
        Pose(at: ground.point(plan.place(s, d)), facing: plan.ahead(s)).turned(turns)
    }

    /// Occupies the disc at (s, d); returns false if it overlaps an occupied one.
    mutating func occupy(_ s: Float, _ d: Float, radius: Float) -> Bool {
        let centre = plan.place(s, d)
        for other in occupied {
            let way = other.centre - centre
            let apart = other.radius + radius
            if way.x * way.x + way.y * way.y < apart * apart { return false }
        }
        occupied.append((centre, radius))
        return true
    }

    // MARK: - Road

    private mutating func addTraffic() {
        let gap: ClosedRange<Float> = plan.character == .urban ? 9...40 : 14...70
        for lane in 0..<2 * plan.lanes {
            let d = plan.laneWidth * (Float(lane) - Float(plan.lanes) + 0.5)
            let turns: Float = d > 0 ? 0.5 : 0
            var s = -plan.reach + scenery.random.uniform(in: 0...20)
            while s < plan.reach {
                let shift = scenery.random.uniform(in: -0.3...0.3)
                let heading = turns + scenery.random.uniform(in: -0.006...0.006)
                let kind = scenery.random.uniform()
                if kind < 0.12 {
                    if occupy(s, d, radius: 6) {
                        scenery.addTruck(at: pose(s, d + shift, turns: heading))
                    }
                    s += Scenery.truckLength
                } else if kind < 0.2 {
                    let edge = d + (d > 0 ? 1 : -1) * 0.3 * plan.laneWidth
                    if occupy(s, edge, radius: 1) {
                        scenery.addBicycle(at: pose(s, edge, turns: heading), ridden: true)
                    }
                } else if occupy(s, d, radius: 2.4) {
                    scenery.addCar(at: pose(s, d + shift, turns: heading))
                }
                s += 5 + scenery.random.uniform(in: gap)
            }
        }
    }

    private mutating func parkCars(left: Bool) {
        let side: Float = left ? 1 : -1
        let bands = plan.side(side)
        let d = side * (plan.carriage + bands.parking / 2)
        guard bands.parking > 0 else { return }
        let full = scenery.random.uniform(in: 0.3...0.95)
        var s = -plan.reach
        while s < plan.reach {
            s += 5.6 + scenery.random.uniform(in: 0...1)
            guard plan.isBesideCrossing(s, margin: 4), scenery.random.chance(full) else { continue }
            let heading: Float = (left ? 0.5 : 0) + (scenery.random.chance(0.1) ? 0.5 : 0)
            let turns = heading + scenery.random.uniform(in: -0.008...0.008)
            let shift = scenery.random.uniform(in: -0.15...0.15)
            if scenery.random.chance(0.04) {
                if occupy(s, d, radius: 4) {
                    scenery.addTruck(at: pose(s, d + shift, turns: turns))
                }
                s += Scenery.truckLength - 4
            } else if occupy(s, d, radius: 1.5) {
                scenery.addCar(at: pose(s, d + shift, turns: turns))
            }
        }
    }

    // MARK: - Sidewalk

    /// Adds lamps, trees, signs, masts and furniture beside the curb.
    private mutating func furnishCurb(left: Bool) {
        let side: Float = left ? 1 : -1
        let bands = plan.side(side)
        let inStrip = bands.strip > 0.7
        let curb = plan.carriage + bands.parking
        let d = side * (inStrip ? curb + bands.strip / 2 : curb + 0.45)
        let treesEvery: Float? =
            inStrip && scenery.random.chance(0.8) ? scenery.random.uniform(in: 6...14) : nil
        let lampsEvery = scenery.random.uniform(in: 18...34)
        let masts = plan.character == .outskirts && scenery.random.chance(0.6)
        var nextTree = -plan.reach + scenery.random.uniform(in: 0...10)
        var nextLamp = -plan.reach + scenery.random.uniform(in: 0...20)
        var s = -plan.reach
        while s < plan.reach {
            s += 1.5
            guard plan.isBesideCrossing(s, margin: 0.5) else { continue }
            let inward: Float = left ? -0.25 : 0.25
            if s > nextLamp {
                nextLamp += lampsEvery
                guard occupy(s, d, radius: 0.4) else { continue }
                if masts {
                    scenery.addMast(at: pose(s, d, turns: inward))
                } else {
                    scenery.addLamp(at: pose(s, d, turns: inward))
                }
            } else if let treesEvery, s > nextTree {
                nextTree += treesEvery * scenery.random.uniform(in: 0.8...1.3)
                guard occupy(s, d, radius: 0.7) else { continue }
                scenery.addTree(at: pose(s, d), size: 4...11)
            } else if scenery.random.chance(0.035) {
                guard occupy(s, d, radius: 0.35) else { continue }
                // Signs face oncoming traffic.
                scenery.addSign(at: pose(s, d, turns: left ? 0 : 0.5))
            } else if scenery.random.chance(plan.character == .outskirts ? 0.01 : 0.06) {
                guard occupy(s, d, radius: 1) else { continue }
                scenery.addStreetFurniture(at: pose(s, d, turns: -inward))
            } else if inStrip && scenery.random.chance(0.04) {
                guard occupy(s, d, radius: 0.6) else { continue }
                scenery.addShrub(at: pose(s, d), size: 0.6...1.4)
            }
        }
    }

    private mutating func populateSidewalk(left: Bool) {
        let side: Float = left ? 1 : -1
        let width = plan.side(side).sidewalk
        guard width > 0 else { return }
        let start = plan.sidewalkStart(side)
        let crowd = [
            StreetPlan.Character.residential: 6, .urban: 26, .avenue: 12, .outskirts: 3,
        ]
        let people = scenery.random.index(below: (crowd[plan.character] ?? 0) + 1)
        for _ in 0..<people {
            let s = scenery.random.uniform(in: -45...45)
            let d = side * (start + width * scenery.random.uniform(in: 0.15...0.9))
            let along: Float = scenery.random.chance(0.5) ? 0 : 0.5
            let turns =
                scenery.random.chance(0.75)
                ? along + scenery.random.uniform(in: -0.04...0.04) : scenery.random.uniform()
            guard occupy(s, d, radius: 0.35) else { continue }
            scenery.addPerson(at: pose(s, d, turns: turns))
            if scenery.random.chance(0.3) && occupy(s, d + 0.6, radius: 0.25) {
                scenery.addPerson(at: pose(s, d + 0.6, turns: turns))
            }
        }
        for _ in 0..<scenery.random.index(below: plan.character == .urban ? 14 : 6) {
            let s = scenery.random.uniform(in: -40...40)
            let d = side * (start + (scenery.random.chance(0.5) ? 0.4 : width - 0.4))
            guard plan.isBesideCrossing(s), occupy(s, d, radius: 0.8) else { continue }
            let turns = scenery.random.chance(0.5) ? 0.25 : scenery.random.uniform(in: -0.05...0.05)
            scenery.addBicycle(at: pose(s, d, turns: turns), ridden: false)
        }
    }

    private mutating func furnishCrossing() {
        guard let crossing = plan.crossing else { return }
        let lights = scenery.random.chance(0.5)
        for ahead: Float in [-1, 1] {
            for side: Float in [-1, 1] {
                let s = crossing.s + ahead * (crossing.half + 0.5)
                let d = side * (plan.carriage + plan.side(side).parking + 0.5)
                if lights && occupy(s, d, radius: 0.3) {
                    scenery.addTrafficLight(at: pose(s, d, turns: side > 0 ? 0 : 0.5))
                }
                // Traffic on the crossing road.
                let far = side * (plan.frontage(side) + scenery.random.uniform(in: 2...25))
                let lane = crossing.s + ahead * crossing.half / 2
                if scenery.random.chance(0.5) && occupy(lane, far, radius: 2.4) {
                    scenery.addCar(at: pose(lane, far, turns: ahead > 0 ? 0.25 : -0.25))
                }
            }
        }
        guard crossing.zebra else { return }
        for _ in 0..<scenery.random.index(below: 6) {
            let s = crossing.s + scenery.random.sign() * (crossing.half + 2.1)
            let d = scenery.random.uniform(in: -1...1) * plan.carriage
            if occupy(s, d, radius: 0.4) {
                scenery.addPerson(at: pose(s, d, turns: 0.25 * scenery.random.sign()))
            }
        }
    }
}
