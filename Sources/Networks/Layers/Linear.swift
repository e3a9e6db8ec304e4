public import Tensors

/// A matrix and, if wanted, a bias: `y = x Wᵀ + b`, with W outputs x inputs.
public struct Linear: Sendable {
    let weight: Parameter
    let bias: Parameter?

    /// Declares `weight` and `bias` in the scope.
    public init(_ scope: ParameterScope, inputs: Int, outputs: Int, bias: Bool = true) {
        weight = scope.parameter("weight", [outputs, inputs], .weight, .uniform(inputs: inputs))
        self.bias =
            bias ? scope.parameter("bias", [outputs], .bias, .uniform(inputs: inputs)) : nil
    }

    /// From n x inputs to n x outputs: `residual + factors (x Wᵀ + b)`, both if given.
    public func callAsFunction(
        _ x: Tensor, _ context: ForwardContext, factors: [Float]? = nil,
        addedTo residual: Tensor? = nil
    ) -> Tensor {
        x.linear(
            context[weight], bias: bias.map { context[$0] }, factors: factors, addedTo: residual)
    }
}
