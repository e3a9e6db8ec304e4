import Tensors

extension Scenery {
    /// Adds a lorry with a box, a flatbed with its load, or a bus; faces along the pose's x.
    mutating func addTruck(at pose: Pose) {
        switch random.index(below: 3) {
        case 0: addLorry(at: pose, open: false)
        case 1: addLorry(at: pose, open: true)
        default: addBus(at: pose)
        }
    }

    /// Length in metres to keep free along the road.
    static let truckLength: Float = 12

    private mutating func addLorry(at pose: Pose, open: Bool) {
        let length = random.uniform(in: 6...10)
        let width = random.uniform(in: 2.2...2.5)
        let deck = random.uniform(in: 0.9...1.15)
        let cabLength = random.uniform(in: 1.7...2.2)
        let cabHeight = random.uniform(in: 2.3...2.9)
        let paintwork = paint(.truck, reflectance: random.uniform(in: 0.1...0.6))
        let cover = paint(.truck, reflectance: random.uniform(in: 0.3...0.75), grain: 0.12)
        let dark = paint(.truck, reflectance: 0.06)
        let glass = paint(.truck, reflectance: 0.08, loss: 0.45)

        let front = length / 2
        box(
            SIMD3(cabLength, width * 0.96, cabHeight - 0.5),
            on: SIMD3(front - cabLength / 2, 0, 0.5), top: SIMD2(0.88, 0.95), in: pose,
            of: paintwork)
        box(
            SIMD3(0.1, width * 0.8, 0.75), on: SIMD3(front - 0.08, 0, cabHeight * 0.58),
            top: SIMD2(0.5, 0.95), in: pose, of: glass)
        box(
            SIMD3(length - cabLength, 0.9, 0.3),
            on: SIMD3(-cabLength / 2, 0, deck - 0.35), in: pose, of: dark)
        let load = length - cabLength - 0.25
        let middle = -front + load / 2
        if open {
            box(SIMD3(load, width, 0.15), on: SIMD3(middle, 0, deck), in: pose, of: cover)
            for side: Float in [-1, 1] {
                box(
                    SIMD3(load, 0.06, 0.5), on: SIMD3(middle, side * width / 2, deck + 0.12),
                    in: pose, of: cover)
            }
            for _ in 0..<(2 + random.index(below: 4)) {
                let size = SIMD3<Float>(
                    random.uniform(in: 0.6...1.6), random.uniform(in: 0.6...1.6),
                    random.uniform(in: 0.4...1.4))
                box(
                    size,
                    on: SIMD3(
                        middle + random.uniform(in: -0.4...0.4) * load,
                        random.uniform(in: -0.2...0.2) * width, deck + 0.15),
                    in: pose, of: cover)
            }
        } else {
            let height = random.uniform(in: 1.9...2.6)
            box(
                SIMD3(load, width + 0.05, height), on: SIMD3(middle, 0, deck), in: pose, of: cover)
        }
        addWheels(
            at: [front - 1.1, -front + 0.9, -front + 2.0], radius: 0.48, width: width, in: pose,
            of: dark)
    }

    private mutating func addBus(at pose: Pose) {
        let length = random.uniform(in: 8.5...12)
        let width: Float = 2.5
        let height = random.uniform(in: 2.9...3.3)
        let paintwork = paint(.truck, reflectance: random.uniform(in: 0.15...0.6))
        let glass = paint(.truck, reflectance: 0.08, loss: 0.4)
        let dark = paint(.truck, reflectance: 0.06)
        box(SIMD3(length, width, 0.9), on: SIMD3(0, 0, 0.35), in: pose, of: paintwork)
        box(
            SIMD3(length - 0.08, width - 0.06, height - 1.7), on: SIMD3(0, 0, 1.25),
            top: SIMD2(0.99, 0.94), in: pose, of: glass)
        box(
            SIMD3(length, width * 0.96, 0.5), on: SIMD3(0, 0, height - 0.5),
            top: SIMD2(0.97, 0.9), in: pose, of: paintwork)
        var x = -length / 2
        while x <= length / 2 {
            for side: Float in [-1, 1] {
                box(
                    SIMD3(0.14, 0.06, height - 1.7), on: SIMD3(x, side * width * 0.487, 1.25),
                    in: pose, of: paintwork)
            }
            x += length / 7
        }
        addWheels(
            at: [length * 0.28, -length * 0.28], radius: 0.5, width: width, in: pose, of: dark)
    }

    private mutating func addWheels(
        at axles: [Float], radius: Float, width: Float, in pose: Pose, of material: Int
    ) {
        for x in axles {
            for side: Float in [-1, 1] {
                disc(
                    radius: radius, thickness: 0.3, at: SIMD3(x, side * (width / 2 - 0.12), radius),
                    in: pose, of: material)
            }
        }
    }
}
