import Tensors

extension Scenery {
    /// Adds a chair whose front looks along the pose's +y: four legs or a swivel, with or without
    /// arms.
    mutating func addChair(at pose: Pose, swivel: Bool) {
        let width = random.uniform(in: 0.4...0.5)
        let depth = random.uniform(in: 0.4...0.48)
        let seat = random.uniform(in: 0.42...0.48)
        let back = random.uniform(in: 0.36...0.55)
        let frame = swivel || random.chance(0.3) ? metal(.chair) : wood(.chair)
        let pad = swivel || random.chance(0.5) ? fabric(.chair) : frame
        box(SIMD3(width, depth, 0.05), on: SIMD3(0, 0, seat - 0.05), in: pose, of: pad)
        if swivel {
            column(radius: 0.03, height: seat - 0.1, on: SIMD3(0, 0, 0.06), in: pose, of: frame)
            for spoke in 0..<5 {
                let (cosine, sine) = circle(Float(spoke) / 5)
                rod(
                    from: SIMD3(0, 0, 0.1), to: SIMD3(cosine * 0.3, sine * 0.3, 0.06),
                    radius: 0.022,
                    in: pose, of: frame)
            }
        } else {
            for x: Float in [-1, 1] {
                for y: Float in [-1, 1] {
                    rod(
                        from: SIMD3(x * (width / 2 - 0.03), y * (depth / 2 - 0.03), seat - 0.05),
                        to: SIMD3(x * (width / 2), y * (depth / 2), 0.02), radius: 0.019, in: pose,
                        of: frame)
                }
            }
        }
        // The back leans away from the front.
        let rear = pose.moved(SIMD3(0, -depth / 2, seat)).turned(-0.25).tipped(0.025).turned(0.25)
        for x: Float in [-1, 1] {
            rod(
                from: SIMD3(x * (width / 2 - 0.03), 0, -0.03),
                to: SIMD3(x * (width / 2 - 0.03), 0, back), radius: 0.018, in: rear, of: frame)
        }
        switch random.index(below: 3) {
        case 0:
            box(
                SIMD3(width - 0.04, 0.035, back * 0.75), on: SIMD3(0, 0, back * 0.25), in: rear,
                of: pad)
        case 1:
            for slat in 0..<3 {
                box(
                    SIMD3(width - 0.06, 0.02, 0.07),
                    on: SIMD3(0, 0, back * (0.3 + 0.28 * Float(slat))),
                    in: rear, of: frame)
            }
        default:
            for slat in 0..<5 {
                box(
                    SIMD3(0.03, 0.02, back), on: SIMD3(width * (Float(slat) - 2) / 6, 0, 0),
                    in: rear,
                    of: frame)
            }
            box(SIMD3(width, 0.035, 0.09), on: SIMD3(0, 0, back - 0.06), in: rear, of: frame)
        }
        if random.chance(swivel ? 0.6 : 0.25) {
            for x: Float in [-1, 1] {
                let side = x * (width / 2 + 0.02)
                rod(
                    from: SIMD3(side, -depth / 2, seat + 0.2),
                    to: SIMD3(side, depth * 0.3, seat + 0.2),
                    radius: 0.022, in: pose, of: frame)
                rod(
                    from: SIMD3(side, depth * 0.25, seat), to: SIMD3(side, depth * 0.3, seat + 0.2),
                    radius: 0.018, in: pose, of: frame)
            }
        }
    }

    /// Adds a sofa or an armchair with its back on the pose's x axis and its front towards +y.
    mutating func addSofa(width: Float, depth: Float, at pose: Pose) {
        let cloth = fabric(.sofa)
        let seat = random.uniform(in: 0.38...0.46)
        let back = random.uniform(in: 0.72...0.92)
        let arm = random.uniform(in: 0.1...0.24)
        let armHeight = seat + random.uniform(in: 0.08...0.22)
        box(
            SIMD3(width, depth, seat - 0.2), on: SIMD3(0, depth / 2, 0.06), in: pose, of: cloth)
        box(
            SIMD3(width, 0.22, back - 0.06), on: SIMD3(0, 0.11, 0.06), top: SIMD2(0.98, 0.7),
            in: pose, of: cloth)
        for side: Float in [-1, 1] {
            box(
                SIMD3(arm, depth, armHeight - 0.06),
                on: SIMD3(side * (width - arm) / 2, depth / 2, 0.06),
                in: pose, of: cloth)
            rod(
                from: SIMD3(side * (width - arm) / 2, 0.1, armHeight),
                to: SIMD3(side * (width - arm) / 2, depth - 0.08, armHeight), radius: arm * 0.5,
                in: pose, of: cloth)
        }
        let places = max(1, Int((width - 2 * arm) / 0.65))
        let each = (width - 2 * arm) / Float(places)
        for place in 0..<places {
            let x = -width / 2 + arm + each * (Float(place) + 0.5)
            box(
                SIMD3(each - 0.02, depth - 0.24, 0.16), on: SIMD3(x, depth / 2 + 0.1, seat - 0.14),
                top: SIMD2(0.95, 0.96), in: pose, of: cloth)
            ball(
                SIMD3(each, 0.3, back - seat + 0.08), at: SIMD3(x, 0.24, (seat + back) / 2),
                in: pose,
                of: cloth)
            if random.chance(0.4) {
                let cushion = fabric(.sofa)
                ball(
                    SIMD3(0.42, 0.2, 0.4), at: SIMD3(x, 0.42, seat + 0.19),
                    in: pose.turned(random.uniform(in: -0.03...0.03)), of: cushion)
            }
        }
    }

    /// Adds a bed with its head on the pose's x axis: frame, mattress, pillows, a blanket.
    mutating func addBed(width: Float, length: Float, at pose: Pose) {
        let frame = random.chance(0.6) ? wood(.bed) : fabric(.bed)
        let linen = paint(.bed, SIMD3(repeating: random.uniform(in: 0.75...0.95)))
        let cover = fabric(.bed)
        let low = random.uniform(in: 0.2...0.34)
        box(
            SIMD3(width, length, 0.12), on: SIMD3(0, length / 2, low - 0.12), in: pose, of: frame)
        for x: Float in [-1, 1] {
            for y in [0.08, length - 0.08] {
                box(
                    SIMD3(0.08, 0.08, low), on: SIMD3(x * (width / 2 - 0.06), y, 0), in: pose,
                    of: frame)
            }
        }
        box(
            SIMD3(width, 0.06, random.uniform(in: 0.7...1.15)), on: SIMD3(0, 0.03, 0), in: pose,
            of: frame)
        let top = low + 0.2
        box(
            SIMD3(width - 0.06, length - 0.12, 0.2), on: SIMD3(0, length / 2 + 0.02, low), in: pose,
            of: linen)
        let spread = length * random.uniform(in: 0.55...0.72)
        box(
            SIMD3(width + 0.04, spread, 0.1), on: SIMD3(0, length - spread / 2 + 0.02, top - 0.03),
            top: SIMD2(0.94, 0.98), in: pose, of: cover)
        for _ in 0..<3 {
            ball(
                SIMD3(width * 0.6, 0.5, 0.16),
                at: SIMD3(
                    random.uniform(in: -0.2...0.2) * width,
                    length - spread * random.uniform(in: 0.2...0.9), top + 0.05),
                in: pose, of: cover)
        }
        let pillows = width > 1.2 ? 2 : 1
        for pillow in 0..<pillows {
            let x = width * ((Float(pillow) + 0.5) / Float(pillows) - 0.5)
            ball(SIMD3(0.62, 0.42, 0.2), at: SIMD3(x, 0.32, top + 0.07), in: pose, of: linen)
        }
    }
}
