import PointClouds
public import Tensors

/// Multi-head attention among the points of a patch, patches being runs of points along a curve
/// (Wu et al., "Point Transformer V3", section 4.2).
///
/// Queries, keys and values are one projection of the input; scores are scaled by headWidth^-0.5.
/// Positions are no input where a convolution before the attention has encoded them; otherwise queries
/// and keys are rotated by them (``RotaryAngles``).
public struct PatchAttention: Sendable {
    let heads: Int
    let patchSize: Int
    let curve: Int
    let qkv: Linear
    let projection: Linear

    /// Declares `qkv` and `proj` in the scope.
    ///
    /// - Parameters:
    ///   - scope: the scope of the parameters.
    ///   - width: channels, a multiple of `heads`.
    ///   - heads: the number of attention heads.
    ///   - patchSize: the maximum number of points that attend to one another.
    ///   - curve: the index of the stage's curve that orders the points.
    public init(_ scope: ParameterScope, width: Int, heads: Int, patchSize: Int, curve: Int) {
        precondition(width % heads == 0, "\(width) channels do not divide among \(heads) heads.")
        self.heads = heads
        self.patchSize = patchSize
        self.curve = curve
        qkv = Linear(scope["qkv"], inputs: width, outputs: 3 * width)
        projection = Linear(scope["proj"], inputs: width, outputs: width)
    }

    /// From n x width to n x width, n the voxels of the stage.
    ///
    /// The result is added to the branch's residual, times its factors and the scale's.
    ///
    /// - Parameter angles: the rotations of queries and keys, for heads of a multiple of six channels.
    public func callAsFunction(
        _ x: Tensor, at place: StagePlace, _ context: ForwardContext,
        rotatedBy angles: RotaryAngles? = nil, scale: LayerScale? = nil,
        joining branch: DropPath.Branch? = nil
    ) -> Tensor {
        let plan = place.stage.patchPlan(order: place.curves[curve], patchSize: patchSize)
        var projected = qkv(x, context)  // n x 3 width
        if let angles {
            projected = projected.rotatingQueriesAndKeys(heads: heads, angles: angles)
        }
        let attended = projected.patchAttention(heads: heads, plan: plan)  // n x width
        guard let scale else {
            return projection(
                attended, context, factors: branch?.factors, addedTo: branch?.residual)
        }
        let (weight, bias) = scale.scaling(projection, context)
        return attended.linear(
            weight, bias: bias, factors: branch?.factors, addedTo: branch?.residual)
    }
}
