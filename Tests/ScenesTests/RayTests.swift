import Scenes
import Tensors
import Testing

@Suite struct RayTests {
    private static let random = CounterGenerator(seed: 5, purpose: .init("ray tests"))

    /// A solid, and an independent definition of the points inside it.
    struct Solid: Sendable, CustomTestStringConvertible {
        let name: String
        let shape: Primitive.Shape
        var slope = SIMD2<Float>(0, 0)
        let contains: @Sendable (_ p: SIMD3<Double>) -> Bool
        var testDescription: String { name }
    }

    static let solids: [Solid] = [
        Solid(name: "box", shape: .box) { max(abs($0.x), abs($0.y), abs($0.z)) <= 1 },
        Solid(name: "roof", shape: .box, slope: SIMD2(0, -0.45)) {
            abs($0.z) <= 1 && abs($0.x) <= 1 && abs($0.y) <= 1 - 0.45 * (1 + $0.z)
        },
        Solid(name: "spreading box", shape: .box, slope: SIMD2(0.3, -0.2)) {
            abs($0.z) <= 1 && abs($0.x) <= 1 + 0.3 * (1 + $0.z)
                && abs($0.y) <= 1 - 0.2 * (1 + $0.z)
        },
        Solid(name: "ellipsoid", shape: .ellipsoid) {
            $0.x * $0.x + $0.y * $0.y + $0.z * $0.z <= 1
        },
        Solid(name: "cylinder", shape: .frustum) {
            abs($0.z) <= 1 && $0.x * $0.x + $0.y * $0.y <= 1
        },
        Solid(name: "cone", shape: .frustum, slope: SIMD2(-0.48, -0.48)) {
            let radius = 1 - 0.48 * (1 + $0.z)
            return abs($0.z) <= 1 && $0.x * $0.x + $0.y * $0.y <= radius * radius
        },
        Solid(name: "funnel", shape: .frustum, slope: SIMD2(0.5, 0.5)) {
            let radius = 1 + 0.5 * (1 + $0.z)
            return abs($0.z) <= 1 && $0.x * $0.x + $0.y * $0.y <= radius * radius
        },
        Solid(name: "capsule", shape: .capsule, slope: SIMD2(2, 2)) {
            let beyond = max(abs($0.z) - 2, 0)
            return $0.x * $0.x + $0.y * $0.y + beyond * beyond <= 1
        },
    ]

    /// Follows rays in small steps and tests each point by the solid's definition.
    @Test("a ray enters and leaves a solid at its surface", arguments: solids)
    func rayEntersAndLeavesSolidAtSurface(solid: Solid) {
        var random = Self.random
        var hits = 0
        for _ in 0..<120 {
            let pose = Pose(at: SIMD3(0.3, -0.2, 0.1)).turned(random.uniform())
                .tipped(random.uniform())
            let halves =
                solid.shape == .capsule
                ? SIMD3<Float>(repeating: 0.4)
                : SIMD3(
                    random.uniform(in: 0.3...1.2), random.uniform(in: 0.3...1.2),
                    random.uniform(in: 0.3...1.2))
            let primitive = Primitive(
                solid.shape, halves: halves, slope: solid.slope, at: pose, material: 0, number: 0)
            let start = direction(&random) * 5
            let aim = SIMD3(random.normal(), random.normal(), random.normal()) * 0.5
            let way = aim - start
            let length = (way * way).sum().squareRoot()
            let ray = Ray(from: start, along: way / length)

            let step = 0.004
            var inside: [Double] = []
            for index in 0..<2500 {
                let point = ray.point(at: Float(Double(index) * step))
                let from = point - pose.origin
                let local = SIMD3(
                    Double((from * pose.x).sum() / halves.x),
                    Double((from * pose.y).sum() / halves.y),
                    Double((from * pose.z).sum() / halves.z))
                if solid.contains(local) {
                    inside.append(Double(index) * step)
                    let within = (0..<3).allSatisfy {
                        point[$0] >= primitive.lower[$0] - 1e-3
                            && point[$0] <= primitive.upper[$0] + 1e-3
                    }
                    #expect(within, "the bounding box contains the solid")
                }
            }
            let found = primitive.interval(ray)
            guard let first = inside.first, let last = inside.last else {
                #expect(found.isEmpty || found.exit - found.entry < Float(2 * step))
                continue
            }
            hits += 1
            #expect(abs(Double(found.entry) - first) < 1.5 * step)
            #expect(abs(Double(found.exit) - last) < 1.5 * step)
            let normal = primitive.normal(at: ray.point(at: found.entry))
            #expect(abs((normal * normal).sum() - 1) < 1e-4)
            #expect((normal * ray.direction).sum() < 1e-3, "the entry faces the ray")
        }
        #expect(hits > 20)
    }

    /// The reference tests every solid.
    @Test("the bounding tree finds the nearest solid")
    func treeFindsNearestSolid() throws {
        var scenery = Scenery(random: Self.random)
        var random = Self.random
        var materials: [Int] = []
        for solid in 0..<80 {
            let material = scenery.paint(Material(label: Int32(solid), reflectance: 1))
            materials.append(material)
            let pose = Pose(at: direction(&random) * random.uniform(in: 2...9))
                .turned(random.uniform()).tipped(random.uniform())
            switch solid % 4 {
            case 0: scenery.box(SIMD3(0.8, 1.5, 0.4), in: pose, of: material)
            case 1: scenery.ball(SIMD3(1, 0.6, 1.4), in: pose, of: material)
            case 2: scenery.column(radius: 0.3, height: 2, top: 0.4, in: pose, of: material)
            default:
                scenery.rod(
                    from: .zero, to: SIMD3(1, 1, 0), radius: 0.15, in: pose, of: material)
            }
        }
        let eye = SIMD3<Float>(0.5, -0.4, 0.2)
        let tree = BoundingTree(scenery, seenFrom: eye)
        var hits = 0
        for _ in 0..<400 {
            let ray = Ray(from: eye, along: direction(&random))
            let all = scenery.primitives.map { primitive in
                let inside = primitive.interval(ray)
                return inside.isEmpty || inside.entry <= 0 ? .infinity : inside.entry
            }
            let nearest = all.min() ?? .infinity
            let hit = tree.firstHit(ray, limit: 30, salt: 1)
            #expect((hit?.distance ?? .infinity) == nearest)
            guard let hit else { continue }
            hits += 1
            #expect(all[hit.material] == nearest)
            #expect(tree.firstHit(ray, limit: nearest * 0.99, salt: 1) == nil)
        }
        #expect(hits > 100)
    }

    @Test("foliage stops beams with an exponential free path")
    func foliageStopsBeamsExponentially() {
        var scenery = Scenery(random: Self.random)
        let leaves = scenery.paint(Material(label: 0, reflectance: 1, freePath: 1))
        scenery.box(SIMD3(2, 50, 50), on: SIMD3(6, 0, -25), in: Pose(), of: leaves)
        let tree = BoundingTree(scenery, seenFrom: .zero)
        let ray = Ray(from: .zero, along: SIMD3(1, 0, 0))
        let depths = (0..<4000).compactMap {
            tree.firstHit(ray, limit: 100, salt: UInt32($0) &* 0x9E37_79B9)?.distance
        }
        // Of a path of 2 m with a mean free path of 1 m a share of 1 - exp(-2) is stopped.
        #expect(abs(Double(depths.count) / 4000 - 0.8647) < 0.02)
        #expect(depths.allSatisfy { $0 >= 5 && $0 <= 7 })
    }

    private func direction(_ random: inout CounterGenerator) -> SIMD3<Float> {
        let v = SIMD3(random.normal(), random.normal(), random.normal())
        return v / (v * v).sum().squareRoot()
    }
}
