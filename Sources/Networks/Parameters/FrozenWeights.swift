public import Tensors

extension Weights {
    /// The same weights for evaluation alone, each in memory once: matrices and kernels are laid
    /// out for products, and no gradient can flow through them.
    ///
    /// The weights stand in the order of the network's specifications, before and after.
    public func frozen(
        for network: some Network, precision: ProductPrecision = .float32
    ) -> Weights {
        Weights(
            zip(self, network.specifications).map { weight, specification in
                guard specification.role == .weight, specification.shape.count > 1 else {
                    return weight
                }
                // [outputs, inputs], or [outputs, x, y, z, inputs] of a convolution.
                let places = specification.shape.dropFirst().dropLast().reduce(1, *)
                return NamedTensor(
                    name: weight.name, shape: weight.shape,
                    tensor: weight.tensor.frozenForProducts(
                        volume: places, precision: precision))
            })
    }
}
