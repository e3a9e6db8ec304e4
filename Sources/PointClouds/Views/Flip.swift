public import Tensors

/// A mirror image: x or y (or both) change their sign.
public struct Flip: Augmentation {
    /// The name in recipes.
    public static let name = "flip"
    /// The probability that x changes its sign.
    public var x: Float
    /// The probability that y changes its sign.
    public var y: Float

    /// A flip of x and y with the given probabilities.
    public init(x: Float = 0.5, y: Float = 0.5) {
        self.x = x
        self.y = y
    }

    /// Checks that both are probabilities.
    public func check() throws {
        try require(
            (0...1).contains(x) && (0...1).contains(y), "x and y are probabilities, 0 ... 1")
    }

    /// Flips positions and normals.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        let signs = SIMD3<Float>(
            generator.uniform() < x ? -1 : 1, generator.uniform() < y ? -1 : 1, 1)
        cloud.transform(positions: { $0 * signs }, normals: { $0 * signs })
    }
}
