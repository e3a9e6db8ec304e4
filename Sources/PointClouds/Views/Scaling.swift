public import Tensors

/// The whole cloud larger or smaller, from its zero.
public struct Scaling: Augmentation {
    /// The name in recipes.
    public static let name = "scaling"
    /// The factor is drawn uniformly from here.
    public var factor: ClosedRange<Float>

    /// A scaling by a factor in the range.
    public init(factor: ClosedRange<Float> = 0.95...1.05) { self.factor = factor }

    /// Factors are positive.
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

/// Each axis of the cloud longer or shorter by a factor of its own.
public struct Stretching: Augmentation {
    /// The name in recipes.
    public static let name = "stretching"
    /// The factor of each axis is drawn uniformly from here.
    public var factor: ClosedRange<Float>

    /// A stretching by factors in the range.
    public init(factor: ClosedRange<Float> = 0.9...1.1) { self.factor = factor }

    /// Factors are positive.
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
                let leaning = normal / factors
                let length = (leaning * leaning).sum().squareRoot()
                return length > 0 ? leaning / length : normal
            })
    }
}
