import Tensors

/// A factor for each channel of a residual branch (Touvron et al., "Going deeper with image
/// transformers", ICCV 2021).
///
/// The factors are applied to the weights of the branch's last linear map rather than to its result,
/// which saves a pass over memory.
public struct LayerScale: Sendable {
    private let gamma: Parameter

    /// Declares `gamma` in the scope.
    public init(_ scope: ParameterScope, width: Int, initial: Double) {
        gamma = scope.parameter("gamma", [width], .scale, .constant(Float(initial)))
    }

    /// A linear map whose outputs are the given one's times the factors.
    func scaling(_ linear: Linear, _ context: ForwardContext) -> (weight: Tensor, bias: Tensor?) {
        let weight = context[linear.weight]  // outputs x inputs
        let factors = context[gamma]  // 1 x outputs
        let ones = Tensor(rows: 1, columns: weight.columns, filledWith: 1)
        return (
            weight * factors.matmul(ones, transposingSelf: true),
            linear.bias.map { context[$0] * factors }
        )
    }
}
