import Tensors

extension Scenery {
    /// Adds a car that stands on the pose's origin and faces along its x.
    ///
    /// A hatchback, saloon, estate, off-roader or van of lower body, cabin with panes, wheels and
    /// mirrors.
    mutating func addCar(at pose: Pose) {
        let kind = random.index(below: 5)
        let length = [3.9, 4.5, 4.6, 4.6, 4.9][kind] + random.uniform(in: -0.3...0.3)
        let width = random.uniform(in: 1.68...1.9)
        let height = [1.45, 1.42, 1.47, 1.68, 1.95][kind] + random.uniform(in: -0.06...0.08)
        let clearance = kind == 3 ? Float(0.28) : 0.2
        let paintwork = paint(
            .car, reflectance: random.pick([0.06, 0.1, 0.2, 0.35, 0.5, 0.65]), grain: 0.1,
            loss: 0.02)
        let glass = paint(.car, reflectance: 0.08, loss: 0.45)
        let rubber = paint(.car, reflectance: 0.05)

        // The lower body, a little narrower at the waist, with rounded ends.
        let waist = height * random.uniform(in: 0.52...0.58)
        box(
            SIMD3(length * 0.94, width, waist - clearance), on: SIMD3(0, 0, clearance),
            top: SIMD2(0.985, 0.95), in: pose, of: paintwork)
        for end: Float in [-1, 1] {
            ball(
                SIMD3(0.5, width * 0.97, (waist - clearance) * 0.95),
                at: SIMD3(end * length * 0.455, 0, (waist + clearance) / 2), in: pose,
                of: paintwork)
        }
        // Start and end of the cabin along the car, and the lean of its panes, by kind of car.
        let start = length * [-0.47, -0.3, -0.47, -0.47, -0.48][kind]
        let end = length * [0.17, 0.17, 0.17, 0.2, 0.34][kind] + random.uniform(in: -0.05...0.1)
        let lean: Float = [0.7, 0.58, 0.74, 0.78, 0.84][kind]
        let forward = [-0.16, 0, -0.16, -0.14, -0.1][kind] * (end - start)
        let cabin = pose.moved(SIMD3((start + end) / 2, 0, waist))
        box(
            SIMD3(end - start, width * 0.95, (height - waist) * 0.82), top: SIMD2(lean, 0.84),
            in: cabin, of: glass)
        let roof = (end - start) * lean
        box(
            SIMD3(roof, width * 0.8, (height - waist) * 0.22),
            on: SIMD3(forward * 0.25, 0, (height - waist) * 0.78), top: SIMD2(0.9, 0.86), in: cabin,
            of: paintwork)
        // Pillars.
        for x: Float in [-0.5, 0.02, 0.46] {
            for side: Float in [-1, 1] {
                rod(
                    from: SIMD3((end - start) * x, side * width * 0.465, 0),
                    to: SIMD3(roof * x + forward * 0.2, side * width * 0.4, (height - waist) * 0.8),
                    radius: 0.04, in: cabin, of: paintwork)
            }
        }
        let radius = random.uniform(in: 0.29...0.35) + (kind == 3 ? 0.04 : 0)
        for x: Float in [-0.3, 0.31] {
            for side: Float in [-1, 1] {
                disc(
                    radius: radius, thickness: 0.22,
                    at: SIMD3(x * length, side * (width / 2 - 0.09), radius), in: pose, of: rubber)
            }
        }
        for side: Float in [-1, 1] {
            ball(
                SIMD3(0.12, 0.2, 0.14),
                at: SIMD3(end * 0.86, side * (width / 2 + 0.08), waist + 0.1),
                in: pose, of: paintwork)
        }
        let plate = paint(.car, reflectance: 0.9)
        for end: Float in [-1, 1] {
            box(
                SIMD3(0.03, 0.5, 0.11), on: SIMD3(end * length * 0.505, 0, 0.42), in: pose,
                of: plate)
        }
    }
}
