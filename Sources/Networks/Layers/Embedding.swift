import Tensors

/// The stem: a 5 x 5 x 5 convolution without bias, batch normalisation, GELU.
struct Embedding: Sendable {
    let path: String
    let convolution: SubmanifoldConvolution
    let norm: BatchNorm

    /// Declares `stem.conv` and `stem.norm` in the scope.
    init(_ scope: ParameterScope, inputs: Int, outputs: Int) {
        path = scope.path
        convolution = SubmanifoldConvolution(
            scope["stem.conv"], inputs: inputs, outputs: outputs, size: 5, bias: false)
        norm = BatchNorm(scope["stem.norm"], width: outputs, gelu: true)
    }

    /// From the scene's features to n x outputs, n the voxels of the finest stage.
    func callAsFunction(_ features: Tensor, at place: StagePlace, _ context: ForwardContext)
        -> Tensor
    {
        let x = norm(convolution(features, at: place.stage, context), context)
        context.record(path, x)
        return x
    }
}
