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
    /// The base of the rotations; nil without.
    let rotaryBase: Double?
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
    ///   - rotaryBase: the base by which queries and keys are rotated, for heads of a multiple of six
    ///     channels; nil for none.
    public init(
        _ scope: ParameterScope, width: Int, heads: Int, patchSize: Int, curve: Int,
        rotaryBase: Double? = nil
    ) {
        precondition(width % heads == 0, "\(width) channels do not divide among \(heads) heads.")
        self.rotaryBase = rotaryBase
        self.heads = heads
        self.patchSize = patchSize
        self.curve = curve
        qkv = Linear(scope["qkv"], inputs: width, outputs: 3 * width)
        projection = Linear(scope["proj"], inputs: width, outputs: width)
    }

    /// From n x width to n x width, n the voxels of the stage.
    ///
    /// The result is added to the branch's residual, times its factors.
    public func callAsFunction(
        _ x: Tensor, at place: StagePlace, _ context: ForwardContext,
        joining branch: DropPath.Branch? = nil
    ) -> Tensor {
        let plan = place.stage.patchPlan(order: place.curves[curve], patchSize: patchSize)
        var projected = qkv(x, context)  // n x 3 width
        if let rotaryBase {
            let pairs = projected.columns / (18 * heads)
            projected = projected.rotatingQueriesAndKeys(
                heads: heads, angles: place.stage.rotations(base: rotaryBase, pairs: pairs))
        }
        let attended = projected.patchAttention(heads: heads, plan: plan)  // n x width
        return projection(
            attended, context, factors: branch?.factors, addedTo: branch?.residual)
    }
}
