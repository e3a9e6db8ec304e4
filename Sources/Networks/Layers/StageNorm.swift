import Tensors

/// The normalisation between stages, then GELU.
enum StageNorm: Sendable {
    /// Of each channel over the voxels (Point Transformer V3, LitePT).
    case batch(BatchNorm)
    /// Of each voxel over its channels (Sonata, Concerto, Utonia).
    case layer(LayerNorm)

    /// The kind of a normalisation that has not been declared yet.
    enum Kind: Sendable {
        case batch, layer
    }

    /// Declares the parameters of its kind in the scope.
    init(_ scope: ParameterScope, width: Int, _ kind: Kind) {
        self =
            switch kind {
            case .batch: .batch(BatchNorm(scope, width: width, gelu: true))
            case .layer: .layer(LayerNorm(scope, width: width))
            }
    }

    /// From n x width to n x width.
    func callAsFunction(_ x: Tensor, _ context: ForwardContext) -> Tensor {
        switch self {
        case .batch(let norm): norm(x, context)
        case .layer(let norm): norm(x, context).gelu()
        }
    }
}
