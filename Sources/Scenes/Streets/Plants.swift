import Tensors

extension Scenery {
    /// Adds a broad-leaved tree or a conifer: trunk, limbs, and a crown that beams penetrate.
    mutating func addTree(at pose: Pose, size: ClosedRange<Float>) {
        let height = random.uniform(in: size)
        let bark = paint(.trunk, reflectance: random.uniform(in: 0.2...0.45), grain: 0.3)
        let leaning = pose.turned(random.uniform()).tipped(random.uniform(in: -0.008...0.008))
        if random.chance(0.2) {
            addConifer(at: leaning, height: height, bark: bark)
        } else {
            addBroadleaf(at: leaning, height: height, bark: bark)
        }
    }

    private mutating func addConifer(at pose: Pose, height: Float, bark: Int) {
        let needles = paint(
            .vegetation, reflectance: random.uniform(in: 0.25...0.45), grain: 0.35, freePath: 0.35)
        column(
            radius: 0.03 * height * 0.6, height: height * 0.9, top: 0.2, in: pose, of: bark)
        let start = height * random.uniform(in: 0.08...0.28)
        let breadth = height * random.uniform(in: 0.13...0.22)
        let tiers = 4 + random.index(below: 3)
        for tier in 0..<tiers {
            let share = Float(tier) / Float(tiers)
            column(
                radius: breadth * (1 - 0.85 * share), height: (height - start) / Float(tiers) * 1.6,
                on: SIMD3(0, 0, start + (height - start) * share), top: 0.25, in: pose, of: needles)
        }
    }

    private mutating func addBroadleaf(at pose: Pose, height: Float, bark: Int) {
        let leaves = paint(
            .vegetation, reflectance: random.uniform(in: 0.3...0.6), grain: 0.35,
            freePath: random.uniform(in: 0.35...1.1))
        let radius = height * random.uniform(in: 0.014...0.028) + 0.04
        let fork = height * random.uniform(in: 0.25...0.42)
        column(radius: radius * 1.15, height: fork, top: 0.75, in: pose, of: bark)
        let breadth = height * random.uniform(in: 0.2...0.34)
        let limbs = 3 + random.index(below: 4)
        let turn = random.uniform()
        for limb in 0..<limbs {
            let angle = turn + (Float(limb) + random.uniform(in: -0.25...0.25)) / Float(limbs)
            let (cosine, sine) = circle(angle)
            let out = breadth * random.uniform(in: 0.35...0.75)
            let up = fork + (height - fork) * random.uniform(in: 0.25...0.65)
            let tip = SIMD3(cosine * out, sine * out, up)
            rod(
                from: SIMD3(0, 0, fork * 0.95), to: tip, radius: radius * 0.4, in: pose, of: bark)
            let size = breadth * random.uniform(in: 0.8...1.35)
            ball(
                SIMD3(size, size * random.uniform(in: 0.8...1.1), size * 0.8), at: tip,
                in: pose.turned(angle), of: leaves)
        }
        ball(
            SIMD3(breadth * 1.3, breadth * 1.2, (height - fork) * 0.75),
            at: SIMD3(
                random.uniform(in: -0.1...0.1) * breadth, random.uniform(in: -0.1...0.1) * breadth,
                fork + (height - fork) * 0.6),
            in: pose, of: leaves)
    }

    /// Adds a shrub: a few leafy balls that reach the ground.
    mutating func addShrub(at pose: Pose, size: ClosedRange<Float>) {
        let leaves = paint(
            .vegetation, reflectance: random.uniform(in: 0.3...0.55), grain: 0.35, freePath: 0.18)
        let breadth = random.uniform(in: size)
        for _ in 0..<(1 + random.index(below: 4)) {
            let part = breadth * random.uniform(in: 0.5...1)
            ball(
                SIMD3(part, part * random.uniform(in: 0.7...1.2), part * 0.9),
                at: SIMD3(
                    random.uniform(in: -0.35...0.35) * breadth,
                    random.uniform(in: -0.35...0.35) * breadth, part * 0.35),
                in: pose.turned(random.uniform()), of: leaves)
        }
    }

    /// Adds a hedge, clipped unevenly.
    mutating func addHedge(along pieces: [Piece]) {
        let leaves = paint(
            .vegetation, reflectance: random.uniform(in: 0.3...0.5), grain: 0.35, freePath: 0.12)
        let height = random.uniform(in: 0.7...2.1)
        let depth = random.uniform(in: 0.5...1)
        for piece in pieces {
            var x: Float = 0
            while x < piece.length - 0.1 {
                let part = min(random.uniform(in: 0.8...2), piece.length - x)
                let size = SIMD3(
                    part * 1.05, depth * random.uniform(in: 0.85...1.15),
                    height * random.uniform(in: 0.9...1.08))
                box(
                    size, on: SIMD3(x + part / 2, random.uniform(in: -0.06...0.06), 0),
                    top: SIMD2(1, 0.85), in: piece.pose, of: leaves)
                x += part
            }
        }
    }
}
