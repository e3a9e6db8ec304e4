import Tensors

/// The stem: a 5 x 5 x 5 convolution without bias, or a linear map of each voxel; then normalisation
/// and GELU.
struct Embedding: Sendable {
    private enum Map: Sendable {
        case convolution(SubmanifoldConvolution)
        case linear(Linear)
    }

    let path: String
    private let map: Map
    private let norm: StageNorm

    /// Declares `stem.conv` and, for a batch normalisation, `stem.norm` in the scope; for a layer
    /// normalisation `stem.linear`.
    init(_ scope: ParameterScope, inputs: Int, outputs: Int, norm kind: StageNorm.Kind = .batch) {
        path = scope.path
        map =
            switch kind {
            case .batch:
                .convolution(
                    SubmanifoldConvolution(
                        scope["stem.conv"], inputs: inputs, outputs: outputs, size: 5,
                        bias: false))
            case .layer: .linear(Linear(scope["stem.linear"], inputs: inputs, outputs: outputs))
            }
        norm = StageNorm(scope["stem.norm"], width: outputs, kind)
    }

    /// From the scene's features to n x outputs, n the voxels of the finest stage.
    func callAsFunction(_ features: Tensor, at place: StagePlace, _ context: ForwardContext)
        -> Tensor
    {
        let mapped =
            switch map {
            case .convolution(let convolution): convolution(features, at: place.stage, context)
            case .linear(let linear): linear(features, context)
            }
        let x = norm(mapped, context)
        context.record(path, x)
        return x
    }
}
