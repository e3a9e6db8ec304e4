import Tensors

extension Scenery {
    /// Adds a street lamp whose arm reaches along the pose's x.
    mutating func addLamp(at pose: Pose) {
        let steel = paint(.pole, reflectance: random.uniform(in: 0.25...0.6))
        let height = random.uniform(in: 4.5...9)
        let radius = random.uniform(in: 0.055...0.1)
        column(radius: radius * 1.7, height: 0.9, in: pose, of: steel)
        column(radius: radius, height: height, top: 0.6, in: pose, of: steel)
        let reach = random.chance(0.7) ? random.uniform(in: 0.8...2.2) : 0.1
        rod(
            from: SIMD3(0, 0, height - 0.05), to: SIMD3(reach, 0, height + 0.25), radius: 0.045,
            in: pose, of: steel)
        ball(SIMD3(0.7, 0.3, 0.18), at: SIMD3(reach, 0, height + 0.2), in: pose, of: steel)
    }

    /// Adds a wooden mast for wires.
    mutating func addMast(at pose: Pose) {
        let wood = paint(.pole, reflectance: random.uniform(in: 0.2...0.4), grain: 0.2)
        let height = random.uniform(in: 6.5...9)
        let radius = random.uniform(in: 0.1...0.16)
        column(radius: radius, height: height, top: 0.75, in: pose, of: wood)
        box(SIMD3(0.1, 1.6, 0.12), on: SIMD3(0, 0, height - 0.6), in: pose, of: wood)
    }

    /// Adds signs on a post that face along the pose's x: round, triangular, square or a board.
    mutating func addSign(at pose: Pose) {
        let post = paint(.pole, reflectance: random.uniform(in: 0.3...0.6))
        let plate = paint(.sign, reflectance: random.uniform(in: 0.45...0.98), grain: 0.05)
        var height = random.uniform(in: 2.1...2.7)
        let radius = random.uniform(in: 0.028...0.045)
        let pose = pose.tipped(random.uniform(in: -0.006...0.006))
        let face = pose.turned(random.uniform(in: -0.03...0.03))
        let across = face.turned(0.25)
        for _ in 0..<(random.chance(0.3) ? 2 : 1) {
            let size = random.uniform(in: 0.55...0.8)
            let centre = SIMD3(radius + 0.015, 0, height)
            switch random.index(below: 4) {
            case 0:
                disc(
                    radius: size / 2, thickness: 0.03, at: SIMD3(0, -radius - 0.015, height),
                    in: across, of: plate)
            case 1:
                box(
                    SIMD3(0.03, size, size * 0.87), on: centre - SIMD3(0, 0, size * 0.4),
                    top: SIMD2(1, 0.05), in: face, of: plate)
            case 2:
                box(
                    SIMD3(0.03, size, size), on: centre - SIMD3(0, 0, size / 2), in: face, of: plate
                )
            default:
                box(
                    SIMD3(0.03, size * 1.6, size * 0.6), on: centre - SIMD3(0, 0, size * 0.3),
                    in: face, of: plate)
            }
            height += size + 0.08
        }
        column(radius: radius, height: height - 0.3, in: pose, of: post)
    }

    /// Adds a traffic light: a post with lamps in a case; the case is a sign.
    mutating func addTrafficLight(at pose: Pose) {
        let post = paint(.pole, reflectance: 0.35)
        let box = paint(.sign, reflectance: 0.15)
        column(radius: 0.07, height: 3.3, in: pose, of: post)
        self.box(SIMD3(0.22, 0.34, 0.95), on: SIMD3(0.16, 0, 2.3), in: pose, of: box)
        for light in 0..<3 {
            rod(
                from: SIMD3(0.26, 0, 2.46 + 0.3 * Float(light)),
                to: SIMD3(0.4, 0, 2.5 + 0.3 * Float(light)), radius: 0.1, in: pose, of: box)
        }
    }
}
