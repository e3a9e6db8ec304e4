public import Tensors

/// A smooth distortion of space: nearby points move together.
///
/// Value noise: every node of a cubic lattice has a displacement drawn uniformly from a cube, and a
/// point between eight nodes moves by their blend, with weights 3t² - 2t³ along each axis. The
/// draws belong to the nodes, so no lattice has to be stored and the extent of the cloud does not
/// matter. Linear in the points.
public struct ElasticDistortion: Augmentation {
    /// The name in recipes.
    public static let name = "elastic-distortion"
    /// The distance between nodes, metres.
    public var granularity: Float
    /// The maximum displacement of a coordinate, in metres.
    public var magnitude: Float

    /// A distortion with the given distance of nodes and maximum displacement.
    public init(granularity: Float = 0.8, magnitude: Float = 0.1) {
        self.granularity = granularity
        self.magnitude = magnitude
    }

    /// Checks that the distance is positive and the displacement not negative.
    public func check() throws {
        try require(granularity > 0, "granularity must be positive")
        try require(magnitude >= 0, "magnitude must not be negative")
    }

    /// Moves positions.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        let seed = generator.next()
        var cell = SIMD3<Int64>(repeating: .max)
        var corners = [SIMD3<Float>](repeating: .zero, count: 8)
        for index in cloud.positions.indices {
            let place = cloud.positions[index] / granularity
            let base = place.rounded(.down)
            let here = SIMD3(Self.lattice(base.x), Self.lattice(base.y), Self.lattice(base.z))
            if here != cell {
                // Points are ordered along a curve: most lie between the same nodes as the previous one.
                cell = here
                for corner in 0..<8 {
                    let offset = SIMD3<Int64>(
                        Int64(corner >> 2), Int64(corner >> 1 & 1), Int64(corner & 1))
                    corners[corner] = Self.displacement(at: here &+ offset, seed: seed)
                }
            }
            let t = place - base
            let far = t * t * (SIMD3(repeating: 3) - 2 * t)
            let near = SIMD3(repeating: 1) - far
            var moved = SIMD3<Float>()
            for corner in 0..<8 {
                let weight =
                    (corner & 4 == 0 ? near.x : far.x) * (corner & 2 == 0 ? near.y : far.y)
                    * (corner & 1 == 0 ? near.z : far.z)
                moved += weight * corners[corner]
            }
            cloud.positions[index] += magnitude * moved
        }
    }

    private static func lattice(_ coordinate: Float) -> Int64 {
        // The conversion of a larger value would trap.
        Int64(max(-1e9, min(1e9, coordinate)))
    }

    /// The displacement of a node, in [-1, 1) along each axis; nodes 2^21 apart share theirs.
    private static func displacement(at node: SIMD3<Int64>, seed: UInt64) -> SIMD3<Float> {
        let bits = SIMD3<UInt64>(truncatingIfNeeded: node) & 0x1f_ffff
        var generator = CounterGenerator(
            seed: seed, sample: bits.x << 42 | bits.y << 21 | bits.z, purpose: nodes)
        let drawn = generator.next()
        let parts = SIMD3(drawn, drawn >> 21, drawn >> 42) & 0x1f_ffff
        return SIMD3<Float>(parts) * 0x1p-20 - 1
    }

    private static let nodes = CounterGenerator.Purpose("node of an elastic distortion")
}
