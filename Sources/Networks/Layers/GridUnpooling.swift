import PointClouds
import Tensors

/// The step back to the next finer stage: every voxel takes the projected features of the coarse
/// voxel it was pooled into and adds its own, projected, from the encoder.
///
/// `y = gelu(norm(skip W_sᵀ + b_s)) + gelu(norm(x Wᵀ + b))[coarse voxel of each voxel]`
struct GridUnpooling: Sendable {
    let path: String
    let projection: Linear
    let norm: StageNorm
    let skipProjection: Linear
    let skipNorm: StageNorm

    /// Declares `proj.0`, `proj.1`, `proj_skip.0` and `proj_skip.1` in the scope.
    init(
        _ scope: ParameterScope, inputs: Int, skip: Int, outputs: Int,
        norm kind: StageNorm.Kind = .batch
    ) {
        path = scope.path
        projection = Linear(scope["proj.0"], inputs: inputs, outputs: outputs)
        norm = StageNorm(scope["proj.1"], width: outputs, kind)
        skipProjection = Linear(scope["proj_skip.0"], inputs: skip, outputs: outputs)
        skipNorm = StageNorm(scope["proj_skip.1"], width: outputs, kind)
    }

    /// From m x inputs at `place` and n x skip at the next finer stage to n x outputs: the sum, and
    /// the summand that comes from the skip alone.
    func callAsFunction(
        _ coarse: Tensor, skip: Tensor, from place: StagePlace, _ context: ForwardContext
    ) -> (sum: Tensor, beside: Tensor) {
        guard let pooling = place.stage.pooling else {
            preconditionFailure("\(path): the finest stage has no voxels to unpool.")
        }
        // Projected before the rows are gathered: there are fewer coarse voxels than fine ones.
        let above = norm(projection(coarse, context), context)  // m x outputs
        let beside = skipNorm(skipProjection(skip, context), context)  // n x outputs
        let x = beside + above.gatherRows(segments: pooling)
        context.record(path, x)
        return (x, beside)
    }
}
