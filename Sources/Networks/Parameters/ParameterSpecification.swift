/// What a network says of one of its parameters before any value exists.
public struct ParameterSpecification: Sendable, Hashable {
    /// What a parameter is for, which decides who changes it.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// A matrix or a convolution's kernel.
        case weight
        /// What is added after a weight.
        case bias
        /// The factor of a normalisation.
        case scale
        /// The summand of a normalisation.
        case shift
        /// A batch normalisation's running mean.
        case runningMean
        /// A batch normalisation's running variance.
        case runningVariance
        /// How many batches the running statistics have seen (an Int64 in public checkpoints).
        case batchCount

        /// Whether gradients reach it; the others are changed by ``updatedStatistics(of:)``.
        public var isTrained: Bool {
            switch self {
            case .weight, .bias, .scale, .shift: true
            case .runningMean, .runningVariance, .batchCount: false
            }
        }
    }

    /// The path that leads to it: `backbone.enc.enc0.block0.attn.qkv.weight`.
    public let name: String
    /// The shape in files; empty for a single number.
    public let shape: [Int]
    /// What it is for.
    public let role: Role
    /// How its first value is drawn.
    public let initial: Initializer
    /// Whether it belongs to a transformer block; blocks have a learning rate of their own.
    public let inBlock: Bool

    /// A specification from its parts.
    public init(
        name: String, shape: [Int], role: Role, initial: Initializer, inBlock: Bool = false
    ) {
        self.name = name
        self.shape = shape
        self.role = role
        self.initial = initial
        self.inBlock = inBlock
    }

    /// Whether gradients reach it.
    public var isTrained: Bool { role.isTrained }
    /// How many numbers it holds.
    public var count: Int { shape.reduce(1, *) }
    /// Rows of its tensor: the first dimension of a matrix or kernel, else 1.
    public var rows: Int { shape.count > 1 ? shape[0] : 1 }
    /// Columns of its tensor: the product of the other dimensions.
    public var columns: Int { shape.count > 1 ? shape.dropFirst().reduce(1, *) : count }
}
