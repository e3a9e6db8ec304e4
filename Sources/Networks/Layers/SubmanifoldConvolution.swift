public import PointClouds
public import Tensors

/// A convolution over the occupied voxels of a grid, with the same voxels as outputs.
///
/// `out[p] = b + Σ W[:, a, b, c, :] f[p + (a - r, b - r, c - r)]` over the occupied neighbours of
/// the same cloud, r = size / 2. The stage's kernel map is shared by all convolutions of a size.
public struct SubmanifoldConvolution: Sendable {
    let size: Int
    let weight: Parameter
    let bias: Parameter?

    /// Declares `weight` (outputs x size x size x size x inputs) and `bias` in the scope.
    public init(
        _ scope: ParameterScope, inputs: Int, outputs: Int, size: Int, bias: Bool = true
    ) {
        self.size = size
        // The bound of the first values counts all places of the kernel, as spconv's does, although
        // many neighbours of a voxel do not exist.
        let sum = size * size * size * inputs
        weight = scope.parameter(
            "weight", [outputs, size, size, size, inputs], .weight, .uniform(inputs: sum))
        self.bias = bias ? scope.parameter("bias", [outputs], .bias, .uniform(inputs: sum)) : nil
    }

    /// From n x inputs to n x outputs, n the voxels of the stage.
    public func callAsFunction(
        _ x: Tensor, at stage: PointHierarchy.Stage, _ context: ForwardContext
    ) -> Tensor {
        x.submanifoldConvolution(
            weight: context[weight], bias: bias.map { context[$0] },
            map: stage.kernelMap(size: size))
    }
}
