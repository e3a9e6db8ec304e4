import PointClouds
import Tensors

/// The step to the next coarser stage: each coarse voxel takes, channel by channel, the maximum
/// over the projected voxels inside it; then normalisation and GELU.
struct GridPooling: Sendable {
    let path: String
    let projection: Linear
    let norm: StageNorm

    /// Declares `proj` and `norm.0` in the scope.
    init(_ scope: ParameterScope, inputs: Int, outputs: Int, norm kind: StageNorm.Kind = .batch) {
        path = scope.path
        projection = Linear(scope["proj"], inputs: inputs, outputs: outputs)
        norm = StageNorm(scope["norm.0"], width: outputs, kind)
    }

    /// From the finer stage's n x inputs to m x outputs, m the voxels of `place`.
    func callAsFunction(_ fine: Tensor, to place: StagePlace, _ context: ForwardContext) -> Tensor {
        guard let pooling = place.stage.pooling else {
            preconditionFailure("\(path): the finest stage has no finer voxels to pool.")
        }
        let x = norm(projection(fine, context).segmentMax(pooling), context)  // m x outputs
        context.record(path, x)
        return x
    }
}
