public import Tensors

/// A scaling of the whole cloud about its zero.
public struct Scaling: Augmentation {
    /// The name in recipes.
    public static let name = "scaling"
    /// The range from which the factor is drawn uniformly.
    public var factor: ClosedRange<Float>

    /// A scaling by a factor in the range.
    public init(factor: ClosedRange<Float> = 0.95...1.05) { self.factor = factor }

    /// Checks that factors are positive.
    public func check() throws {
        try require(
            factor.lowerBound > 0 && factor.upperBound.isFinite, "the factor must be positive")
    }

    /// Scales positions; directions stay.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        let drawn = generator.uniform(in: factor)
        cloud.transform(positions: { $0 * drawn }, normals: { $0 })
    }
}

/// A scaling of each axis of the cloud by its own factor.
public struct Stretching: Augmentation {
    /// The name in recipes.
    public static let name = "stretching"
    /// The range from which each axis' factor is drawn uniformly.
    public var factor: ClosedRange<Float>

    /// A stretching by factors in the range.
    public init(factor: ClosedRange<Float> = 0.9...1.1) { self.factor = factor }

    /// Checks that factors are positive.
    public func check() throws {
        try require(
            factor.lowerBound > 0 && factor.upperBound.isFinite, "the factor must be positive")
    }

    /// Stretches positions; normals stay perpendicular to their surfaces and of unit length.
    public func apply(to cloud: inout Cloud, using generator: inout CounterGenerator) {
        let x = generator.uniform(in: factor)
        let y = generator.uniform(in: factor)
        let factors = SIMD3(x, y, generator.uniform(in: factor))
        cloud.transform(
            positions: { $0 * factors },
            normals: { normal in
                // Normals transform with the inverse: surfaces lean the other way.
                let leaning = normal / factors
                let length = (leaning * leaning).sum().squareRoot()
                return length > 0 ? leaning / length : normal
            })
    }
}
