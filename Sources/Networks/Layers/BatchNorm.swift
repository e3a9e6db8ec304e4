public import Tensors

/// Each channel brought to mean 0 and variance 1, then scaled and shifted; epsilon 1e-3.
///
/// With `gelu`, the GELU of that in the same pass over memory.
///
/// In evaluation by the running statistics, so that a row's result depends on no other row. In
/// training by the moments of the rows at hand, which the pass collects; the running statistics
/// are changed between steps by ``updatedStatistics(of:)``.
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
        _ = scope.parameter("num_batches_tracked", [], .batchCount, .constant(0))
    }

    /// From n x width to n x width.
    public func callAsFunction(_ x: Tensor, _ pass: ForwardContext) -> Tensor {
        guard pass.isTraining else {
            return x.batchNorm(
                scale: pass[scale], shift: pass[shift], mean: pass[mean],
                variance: pass[variance], epsilon: 1e-3, gelu: gelu)
        }
        let (value, moments) = x.batchNormTraining(
            scale: pass[scale], shift: pass[shift], epsilon: 1e-3, gelu: gelu)
        pass.collect(moments, of: path)
        return value
    }
}
