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
                specification.frozen(weight, precision: precision)
            })
    }
}

extension ParameterSpecification {
    /// A value of this parameter for evaluation alone, as ``Tensors/Weights/frozen(for:precision:)``
    /// has them: for whoever reads values one by one and keeps none in two forms.
    public func frozen(_ value: NamedTensor, precision: ProductPrecision) -> NamedTensor {
        guard role == .weight, shape.count > 1 else { return value }
        // [outputs, inputs], or [outputs, x, y, z, inputs] of a convolution.
        let places = shape.dropFirst().dropLast().reduce(1, *)
        return NamedTensor(
            name: value.name, shape: value.shape,
            tensor: value.tensor.frozenForProducts(volume: places, precision: precision))
    }
}
