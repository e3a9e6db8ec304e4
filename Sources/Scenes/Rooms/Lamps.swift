import Tensors

extension Scenery {
    /// Adds a lamp that stands on the floor: foot, pole and shade.
    mutating func addFloorLamp(at pose: Pose) {
        let steel = metal(.lamp)
        let shade = paint(.lamp, SIMD3(0.95, 0.9, random.uniform(in: 0.6...0.9)))
        let height = random.uniform(in: 1.35...1.75)
        column(radius: random.uniform(in: 0.12...0.17), height: 0.03, in: pose, of: steel)
        column(radius: 0.013, height: height, in: pose, of: steel)
        column(
            radius: random.uniform(in: 0.16...0.24), height: random.uniform(in: 0.22...0.32),
            on: SIMD3(0, 0, height - 0.1), top: random.uniform(in: 0.55...0.95), in: pose, of: shade
        )
    }

    /// Adds a lamp for a desk or bedside: a shade on a foot, or a jointed arm.
    mutating func addDeskLamp(at pose: Pose) {
        let steel = metal(.lamp)
        column(radius: 0.08, height: 0.025, in: pose, of: steel)
        if random.chance(0.5) {
            let shade = paint(.lamp, SIMD3(0.95, 0.88, 0.7))
            ball(SIMD3(0.1, 0.1, 0.2), at: SIMD3(0, 0, 0.12), in: pose, of: steel)
            column(
                radius: 0.13, height: 0.17, on: SIMD3(0, 0, 0.24), top: 0.65, in: pose, of: shade)
        } else {
            rod(from: .zero, to: SIMD3(0.12, 0, 0.28), radius: 0.01, in: pose, of: steel)
            rod(
                from: SIMD3(0.12, 0, 0.28), to: SIMD3(-0.12, 0.05, 0.42), radius: 0.01, in: pose,
                of: steel)
            ball(SIMD3(0.14, 0.12, 0.09), at: SIMD3(-0.15, 0.05, 0.4), in: pose, of: steel)
        }
    }

    /// Adds a lamp under the ceiling: the pose stands on the ceiling's lower face.
    mutating func addCeilingLamp(at pose: Pose) {
        let shade = paint(.lamp, SIMD3(0.95, 0.93, random.uniform(in: 0.75...0.95)))
        switch random.index(below: 3) {
        case 0:
            let drop = random.uniform(in: 0.3...0.9)
            rod(from: .zero, to: SIMD3(0, 0, -drop), radius: 0.008, in: pose, of: shade)
            column(
                radius: random.uniform(in: 0.18...0.32), height: 0.22, on: SIMD3(0, 0, -drop - 0.2),
                top: random.uniform(in: 0.2...0.9), in: pose, of: shade)
        case 1:
            ball(SIMD3(0.4, 0.4, 0.24), at: SIMD3(0, 0, -0.05), in: pose, of: shade)
        default:
            // Tubes in a tray, as in offices.
            box(SIMD3(1.2, 0.3, 0.09), on: SIMD3(0, 0, -0.09), in: pose, of: shade)
        }
    }
}
