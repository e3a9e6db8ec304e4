public import Tensors

/// Two matrices with a GELU between them: `y = gelu(x W₁ᵀ + b₁) W₂ᵀ + b₂`.
public struct MLP: Sendable {
    let first: Linear
    let second: Linear

    /// Declares `fc1` and `fc2` in the scope.
    public init(_ scope: ParameterScope, width: Int, hidden: Int) {
        first = Linear(scope["fc1"], inputs: width, outputs: hidden)
        second = Linear(scope["fc2"], inputs: hidden, outputs: width)
    }

    /// From n x width to n x width; the n x hidden values are never completely in memory.
    ///
    /// The result is added to the branch's residual, times its factors and the scale's.
    public func callAsFunction(
        _ x: Tensor, _ context: ForwardContext, scale: LayerScale? = nil,
        joining branch: DropPath.Branch? = nil
    ) -> Tensor {
        guard let bias1 = first.bias, let bias2 = second.bias else {
            precondition(scale == nil, "A scaled branch has biases.")
            return second(
                first(x, context).gelu(), context, factors: branch?.factors,
                addedTo: branch?.residual)
        }
        let (weight2, scaledBias) =
            scale?.scaling(second, context) ?? (context[second.weight], context[bias2])
        return x.mlp(
            fc1: context[first.weight], context[bias1], fc2: weight2,
            scaledBias ?? context[bias2], factors: branch?.factors, addedTo: branch?.residual)
    }
}
