import Tensors

/// One block of Point Transformer V3 (Wu et al., arXiv 2312.10035, section 4.3).
///
///     x += norm(linear(convolution(x)))       conditional position encoding, never skipped
///     x += attention(norm1(x))                skipped by drop path
///     x += mlp(norm2(x))                      skipped by drop path
///
/// In the first version's public implementation the convolution of a decoder stage's first block sees
/// the skip branch of the unpooling alone: the sum is stored in a field that the convolution does not
/// read. Its checkpoints were trained with that, so such a block receives both tensors here. Later
/// versions may scale both skipped branches by channel, and rotate queries and keys by positions.
struct Block: Sendable {
    let path: String
    let convolution: SubmanifoldConvolution
    let mixing: Linear
    let norm: LayerNorm
    let norm1: LayerNorm
    let attention: PatchAttention
    let norm2: LayerNorm
    let mlp: MLP
    let scales: (LayerScale, LayerScale)?
    let dropPath1: DropPath
    let dropPath2: DropPath

    /// Declares `cpe`, `norm1`, `attn`, `norm2` and `mlp` in the scope, and `ls1` and `ls2` for a
    /// stage with scaled branches.
    init(_ scope: ParameterScope, stage: PointTransformerV3.Stage, curve: Int, dropPath: Float) {
        let width = stage.channels
        path = scope.path
        convolution = SubmanifoldConvolution(scope["cpe.0"], inputs: width, outputs: width, size: 3)
        mixing = Linear(scope["cpe.1"], inputs: width, outputs: width)
        norm = LayerNorm(scope["cpe.2"], width: width)
        norm1 = LayerNorm(scope["norm1.0"], width: width)
        attention = PatchAttention(
            scope["attn"], width: width, heads: stage.heads, patchSize: stage.patchSize,
            curve: curve)
        norm2 = LayerNorm(scope["norm2.0"], width: width)
        mlp = MLP(scope["mlp.0"], width: width, hidden: stage.hidden)
        scales = stage.layerScale.map {
            (
                LayerScale(scope["ls1.0"], width: width, initial: $0),
                LayerScale(scope["ls2.0"], width: width, initial: $0)
            )
        }
        dropPath1 = DropPath(scope["attn"], rate: dropPath)
        dropPath2 = DropPath(scope["mlp.0"], rate: dropPath)
    }

    /// From n x channels to n x channels, n the voxels of the stage.
    ///
    /// - Parameters:
    ///   - convolved: the input of the convolution, if it is not `input`.
    ///   - angles: the rotations of queries and keys; nil for none.
    func callAsFunction(
        _ input: Tensor, convolving convolved: Tensor? = nil, at place: StagePlace,
        _ context: ForwardContext, rotatedBy angles: RotaryAngles? = nil
    ) -> Tensor {
        if context.isCancelled { return input }
        let around = convolution(convolved ?? input, at: place.stage, context)
        var x = norm(mixing(around, context), context, addedTo: input)
        x = dropPath1(x, at: place, context) {
            attention(
                norm1($0.residual, context), at: place, context, rotatedBy: angles,
                scale: scales?.0, joining: $0)
        }
        x = dropPath2(x, at: place, context) {
            mlp(norm2($0.residual, context), context, scale: scales?.1, joining: $0)
        }
        context.record(path, x)
        return x
    }
}
