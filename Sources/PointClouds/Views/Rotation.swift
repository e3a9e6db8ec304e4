public import Tensors

/// A rotation about the vertical axis through the cloud's zero.
public struct Rotation: Augmentation {
    /// The name in recipes.
    public static let name = "rotation"
    /// The range from which the angle is drawn uniformly.
    public var degrees: ClosedRange<Float>

    /// A rotation by an angle in the range.
    public init(degrees: ClosedRange<Float> = -180...180) { self.degrees = degrees }

    /// Checks that the angles are finite.
    public func check() throws {
        try require(
            degrees.lowerBound.isFinite && degrees.upperBound.isFinite, "the angle must be finite")
    }

    /// Turns positions and normals.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        // From our own sine and cosine: those of C libraries differ in their last bits.
        let turns = Double(generator.uniform(in: degrees)) / 360
        let (cos, sin) = (Float(cosine(turns: turns)), Float(sine(turns: turns)))
        let turn = { (v: SIMD3<Float>) in
            SIMD3(cos * v.x - sin * v.y, sin * v.x + cos * v.y, v.z)
        }
        cloud.transform(positions: turn, normals: turn)
    }
}

extension Cloud {
    /// The cloud turned about the vertical axis by `quarterTurns` times 90 degrees, exactly.
    ///
    /// The number of quarter turns is the label of layered self-supervision.
    public func rotated(quarterTurns: Int) -> Cloud {
        // Exchanges and signs instead of a matrix: four quarter turns restore the same bits.
        let turn: (SIMD3<Float>) -> SIMD3<Float> =
            switch ((quarterTurns % 4) + 4) % 4 {
            case 1: { SIMD3(-$0.y, $0.x, $0.z) }
            case 2: { SIMD3(-$0.x, -$0.y, $0.z) }
            case 3: { SIMD3($0.y, -$0.x, $0.z) }
            default: { $0 }
            }
        var turned = self
        turned.transform(positions: turn, normals: turn)
        return turned
    }
}
