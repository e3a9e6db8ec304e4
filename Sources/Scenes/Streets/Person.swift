import Tensors

extension Scenery {
    /// Adds a walking or standing person, adult or child, perhaps with a bag.
    mutating func addPerson(at pose: Pose) {
        let height =
            random.chance(0.15)
            ? random.uniform(in: 1.1...1.5)
            : random.uniform(in: 1.55...1.95)
        let cloth = paint(.person, reflectance: random.uniform(in: 0.1...0.6), grain: 0.15)
        let trousers = paint(.person, reflectance: random.uniform(in: 0.08...0.4), grain: 0.15)
        let skin = paint(.person, reflectance: 0.5)
        let stride = random.chance(0.7) ? random.uniform(in: 0.15...0.38) : 0.05
        let hip = height * 0.5
        let shoulder = height * 0.82
        let breadth = height * random.uniform(in: 0.12...0.15)

        for side: Float in [-1, 1] {
            let foot = SIMD3(side * stride, side * 0.09, 0.05)
            let knee = SIMD3(side * stride * 0.3 + 0.06, side * 0.1, hip * 0.52)
            rod(from: SIMD3(0, side * 0.1, hip), to: knee, radius: 0.085, in: pose, of: trousers)
            rod(from: knee, to: foot, radius: 0.06, in: pose, of: trousers)
            let hand = SIMD3(-side * stride * 0.8 + 0.08, side * (breadth + 0.1), hip + 0.02)
            let elbow = SIMD3(-side * stride * 0.3, side * (breadth + 0.08), (hip + shoulder) / 2)
            rod(
                from: SIMD3(0, side * breadth, shoulder - 0.04), to: elbow, radius: 0.05, in: pose,
                of: cloth)
            rod(from: elbow, to: hand, radius: 0.042, in: pose, of: cloth)
        }
        ball(
            SIMD3(0.26, breadth * 2.1, (shoulder - hip) * 1.3),
            at: SIMD3(0, 0, (hip + shoulder) / 2 + 0.02), in: pose, of: cloth)
        rod(
            from: SIMD3(0, 0, shoulder), to: SIMD3(0.01, 0, shoulder + 0.1), radius: 0.055,
            in: pose, of: skin)
        ball(
            SIMD3(0.21, 0.17, height * 0.14), at: SIMD3(0.02, 0, height * 0.93), in: pose, of: skin)
        if random.chance(0.3) {
            box(SIMD3(0.16, 0.3, 0.42), on: SIMD3(-0.2, 0, hip + 0.1), in: pose, of: cloth)
        }
    }

    /// Adds a bicycle, with a rider of the class person if it is ridden.
    mutating func addBicycle(at pose: Pose, ridden: Bool) {
        let frame = paint(.bicycle, reflectance: random.uniform(in: 0.15...0.6))
        // A free path lets beams pass between the spokes.
        let wheel = paint(.bicycle, reflectance: 0.12, freePath: 0.05)
        let radius = random.uniform(in: 0.31...0.36)
        let base = random.uniform(in: 0.96...1.08)
        let rear = SIMD3(-base / 2, 0, radius)
        let front = SIMD3(base / 2, 0, radius)
        let crank = SIMD3<Float>(-0.05, 0, 0.3)
        let saddle = SIMD3<Float>(-0.22, 0, 0.86)
        let head = SIMD3(base / 2 - 0.17, 0, 0.8)
        for hub in [rear, front] {
            disc(radius: radius, thickness: 0.035, at: hub, in: pose, of: wheel)
        }
        let tubes = [
            (rear, crank), (crank, saddle), (crank, head), (saddle, head), (rear, saddle),
            (head, front), (head, head + SIMD3(-0.03, 0, 0.22)),
        ]
        for (start, end) in tubes {
            rod(from: start, to: end, radius: 0.025, in: pose, of: frame)
        }
        rod(
            from: head + SIMD3(-0.06, -0.28, 0.22), to: head + SIMD3(-0.06, 0.28, 0.22),
            radius: 0.02, in: pose, of: frame)
        ball(SIMD3(0.26, 0.15, 0.1), at: saddle, in: pose, of: frame)
        if ridden { addRider(at: pose, saddle: saddle, crank: crank, head: head) }
    }

    private mutating func addRider(
        at pose: Pose, saddle: SIMD3<Float>, crank: SIMD3<Float>, head: SIMD3<Float>
    ) {
        let cloth = paint(.person, reflectance: random.uniform(in: 0.1...0.7), grain: 0.15)
        let skin = paint(.person, reflectance: 0.5)
        let shoulder = saddle + SIMD3(random.uniform(in: 0.15...0.4), 0, 0.56)
        for side: Float in [-1, 1] {
            let knee = saddle + SIMD3(0.38, side * 0.11, -0.12 + side * 0.1)
            rod(
                from: saddle + SIMD3(0, side * 0.1, 0.06), to: knee, radius: 0.08, in: pose,
                of: cloth)
            rod(
                from: knee, to: crank + SIMD3(side * 0.1, side * 0.1, -side * 0.12), radius: 0.055,
                in: pose, of: cloth)
            rod(
                from: shoulder + SIMD3(0, side * 0.2, -0.05),
                to: head + SIMD3(-0.05, side * 0.26, 0.24), radius: 0.045, in: pose, of: cloth)
        }
        for step in 0..<3 {
            let t = Float(step) / 2
            ball(
                SIMD3(0.26, 0.4, 0.34),
                at: saddle + SIMD3(0, 0, 0.1) + (shoulder - saddle - SIMD3(0, 0, 0.2)) * t,
                in: pose,
                of: cloth)
        }
        ball(SIMD3(0.22, 0.18, 0.25), at: shoulder + SIMD3(0.08, 0, 0.22), in: pose, of: skin)
    }
}
