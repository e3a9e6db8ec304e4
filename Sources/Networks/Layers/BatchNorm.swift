public import Tensors

/// Normalisation of each channel to mean 0 and variance 1, then scale and shift; epsilon 1e-3.
///
/// With `gelu`, the GELU of the result in the same pass over memory.
///
/// Evaluation uses the running statistics, so that a row's result depends on no other row. Training
/// uses the moments of the micro-shard's rows, which the forward context collects;
/// ``updatedStatistics(of:)`` changes the running statistics between steps.
public struct BatchNorm: Sendable {
    let path: String
    let gelu: Bool
    let scale: Parameter
    let shift: Parameter
    let mean: Parameter
    let variance: Parameter

    /// Declares `weight`, `bias` and the running statistics in the scope.
    public init(_ scope: ParameterScope, width: Int, gelu: Bool = false) {
        self.gelu = gelu
        path = scope.path
        scale = scope.parameter("weight", [width], .scale, .constant(1))
        shift = scope.parameter("bias", [width], .shift, .constant(0))
        mean = scope.parameter("running_mean", [width], .runningMean, .constant(0))
        variance = scope.parameter("running_var", [width], .runningVariance, .constant(1))
        // No layer reads the counter, but public checkpoints contain it and expect it.
        _ = scope.parameter("num_batches_tracked", [], .batchCount, .constant(0))
    }

    /// From n x width to n x width.
    public func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
        guard context.isTraining else {
            return x.batchNorm(
                scale: context[scale], shift: context[shift], mean: context[mean],
                variance: context[variance], epsilon: 1e-3, gelu: gelu)
        }
        let (value, moments) = x.batchNormTraining(
            scale: context[scale], shift: context[shift], epsilon: 1e-3, gelu: gelu)
        context.collect(moments, of: path)
        return value
    }
}
