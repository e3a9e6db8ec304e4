/// Name, shape, role and first value of one of a network's parameters.
public struct ParameterSpecification: Sendable, Hashable {
    /// The use of a parameter, which decides whether the optimiser or a batch normalisation changes it.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        /// A matrix or a convolution's kernel.
        case weight
        /// A summand after the product with a weight.
        case bias
        /// The factor of a normalisation.
        case scale
        /// The summand of a normalisation.
        case shift
        /// A batch normalisation's running mean.
        case runningMean
        /// A batch normalisation's running variance.
        case runningVariance
        /// The number of batches in the running statistics (an Int64 in public checkpoints).
        case batchCount

        /// Whether gradients change the parameter; ``updatedStatistics(of:)`` changes the others.
        public var isTrained: Bool {
            switch self {
            case .weight, .bias, .scale, .shift: true
            case .runningMean, .runningVariance, .batchCount: false
            }
        }
    }

    /// The path to the parameter: `backbone.enc.enc0.block0.attn.qkv.weight`.
    public let name: String
    /// The shape in files; empty for a single number.
    public let shape: [Int]
    /// The use of the parameter.
    public let role: Role
    /// The distribution of the first value.
    public let initial: Initializer
    /// Whether the parameter belongs to a transformer block; blocks have their own learning rate.
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

    /// Whether gradients change the parameter.
    public var isTrained: Bool { role.isTrained }
    /// The number of values.
    public var count: Int { shape.reduce(1, *) }
    /// Rows of the tensor: the first dimension of a matrix or kernel, else 1.
    public var rows: Int { shape.count > 1 ? shape[0] : 1 }
    /// Columns of the tensor: the product of the other dimensions.
    public var columns: Int { shape.count > 1 ? shape.dropFirst().reduce(1, *) : count }
}
