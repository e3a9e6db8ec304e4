public import Tensors

/// Normalisation of each row to mean 0 and variance 1, then scale and shift by channel; epsilon 1e-5.
public struct LayerNorm: Sendable {
    let scale: Parameter
    let shift: Parameter

    /// Declares `weight` (1) and `bias` (0) in the scope.
    public init(_ scope: ParameterScope, width: Int) {
        scale = scope.parameter("weight", [width], .scale, .constant(1))
        shift = scope.parameter("bias", [width], .shift, .constant(0))
    }

    /// From n x width to n x width, added to the `residual` if there is one.
    public func callAsFunction(
        _ x: Tensor, _ context: ForwardContext, addedTo residual: Tensor? = nil
    ) -> Tensor {
        x.layerNorm(
            scale: context[scale], shift: context[shift], epsilon: 1e-5, addedTo: residual)
    }
}
