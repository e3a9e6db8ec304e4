import PointClouds
import Tensors

extension LitePT {
    /// One block of LitePT.
    ///
    ///     x += norm(linear(convolution(x)))       where the stage convolves, else x = norm0(x)
    ///     x += attention(norm1(x))                where it attends; skipped by drop path
    ///     x += mlp(norm2(x))                      likewise
    ///
    /// Attention rotates queries and keys by the voxels' cells.
    struct Block: Sendable {
        private enum Mixing: Sendable {
            case convolution(SubmanifoldConvolution, Linear, LayerNorm)
            case norm(LayerNorm)
        }

        private struct Attention: Sendable {
            let norm1: LayerNorm
            let attention: PatchAttention
            let norm2: LayerNorm
            let mlp: MLP
            let dropPath1: DropPath
            let dropPath2: DropPath
        }

        private let path: String
        private let rotaryBase: Double
        /// Rotated pairs of channels of each axis.
        private let pairs: Int
        private let mixing: Mixing
        private let attention: Attention?

        /// Declares `conv` or `norm0`, and `norm1`, `attn`, `norm2` and `mlp` if the stage attends, in
        /// the scope of block `index` of a stage's scope.
        init(
            _ stageScope: ParameterScope, _ index: Int, _ configuration: Configuration,
            _ stage: Stage, dropPath: Float
        ) {
            let scope = stageScope.block("block\(index)")
            let width = stage.channels
            path = scope.path
            rotaryBase = stage.rotaryBase
            pairs = width / max(6 * stage.heads, 1)
            mixing =
                stage.convolves
                ? .convolution(
                    SubmanifoldConvolution(
                        scope["conv.0"], inputs: width, outputs: width, size: 3),
                    Linear(scope["conv.1"], inputs: width, outputs: width),
                    LayerNorm(scope["conv.2"], width: width))
                : .norm(LayerNorm(scope["norm0.0"], width: width))
            guard stage.attends else {
                attention = nil
                return
            }
            attention = Attention(
                norm1: LayerNorm(scope["norm1.0"], width: width),
                attention: PatchAttention(
                    scope["attn"], width: width, heads: stage.heads, patchSize: stage.patchSize,
                    curve: index % configuration.orders.count),
                norm2: LayerNorm(scope["norm2.0"], width: width),
                mlp: MLP(
                    scope["mlp.0"], width: width,
                    hidden: Int(Double(width) * configuration.mlpRatio)),
                dropPath1: DropPath(scope["attn"], rate: dropPath),
                dropPath2: DropPath(scope["mlp.0"], rate: dropPath))
        }

        /// From n x channels to n x channels, n the voxels of the stage.
        func callAsFunction(
            _ input: Tensor, at place: StagePlace, _ context: ForwardContext
        ) -> Tensor {
            if context.isCancelled { return input }
            var x: Tensor
            switch mixing {
            case .convolution(let convolution, let linear, let norm):
                x = norm(
                    linear(convolution(input, at: place.stage, context), context), context,
                    addedTo: input)
            case .norm(let norm): x = norm(input, context)
            }
            if let parts = attention {
                let angles = place.stage.rotations(base: rotaryBase, pairs: pairs)
                x = parts.dropPath1(x, at: place, context) {
                    parts.attention(
                        parts.norm1($0.residual, context), at: place, context, rotatedBy: angles,
                        joining: $0)
                }
                x = parts.dropPath2(x, at: place, context) {
                    parts.mlp(parts.norm2($0.residual, context), context, joining: $0)
                }
            }
            context.record(path, x)
            return x
        }
    }
}
