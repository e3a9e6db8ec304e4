import Tensors

extension Scenery {
    /// Adds street furniture that faces the pose's x: a bench, bin, bollards, letter box, switch box,
    /// planter, shelter or advertising column.
    mutating func addStreetFurniture(at pose: Pose) {
        let body = paint(.furniture, reflectance: random.uniform(in: 0.1...0.6), grain: 0.12)
        switch random.index(below: 8) {
        case 0:
            let width = random.uniform(in: 1.4...1.9)
            for level in 0..<3 {
                box(
                    SIMD3(0.12, width, 0.05), on: SIMD3(Float(level) * 0.15, 0, 0.42), in: pose,
                    of: body)
                box(
                    SIMD3(0.04, width, 0.1), on: SIMD3(-0.12, 0, 0.5 + Float(level) * 0.14),
                    in: pose,
                    of: body)
            }
            for side: Float in [-0.42, 0.42] {
                box(SIMD3(0.5, 0.07, 0.43), on: SIMD3(0.12, side * width, 0), in: pose, of: body)
            }
        case 1:
            column(
                radius: random.uniform(in: 0.2...0.32), height: random.uniform(in: 0.7...1.1),
                top: 1.15, in: pose, of: body)
        case 2:
            for position in -1...1 {
                column(
                    radius: 0.07, height: 0.95, on: SIMD3(0, Float(position) * 1.5, 0), in: pose,
                    of: body)
            }
        case 3:
            box(SIMD3(0.4, 0.5, 0.8), on: SIMD3(0, 0, 0.7), in: pose, of: body)
            column(radius: 0.05, height: 0.7, in: pose, of: body)
        case 4:
            box(
                SIMD3(0.45, random.uniform(in: 0.8...1.8), random.uniform(in: 1...1.6)), in: pose,
                of: body)
        case 5:
            box(SIMD3(0.6, 1.3, 0.5), top: SIMD2(1.15, 1.1), in: pose, of: body)
            addShrub(at: pose.moved(SIMD3(0, 0, 0.4)), size: 0.6...1)
        case 6:
            // A shelter: roof, posts, glass back and a seat.
            let glass = paint(.furniture, reflectance: 0.1, loss: 0.4)
            box(SIMD3(1.6, 3.6, 0.12), on: SIMD3(0, 0, 2.35), in: pose, of: body)
            box(SIMD3(0.04, 3.4, 2.1), on: SIMD3(-0.7, 0, 0.2), in: pose, of: glass)
            for y: Float in [-1.7, 0, 1.7] {
                column(radius: 0.05, height: 2.35, on: SIMD3(-0.7, y, 0), in: pose, of: body)
            }
            box(SIMD3(0.4, 2.4, 0.06), on: SIMD3(-0.4, 0, 0.45), in: pose, of: body)
        default:
            column(radius: random.uniform(in: 0.5...0.65), height: 2.8, in: pose, of: body)
            column(radius: 0.7, height: 0.2, on: SIMD3(0, 0, 2.8), top: 0.6, in: pose, of: body)
        }
    }
}
