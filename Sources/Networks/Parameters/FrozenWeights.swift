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
        guard let places else { return value }
        return NamedTensor(
            name: value.name, shape: value.shape,
            tensor: value.tensor.frozenForProducts(volume: places, precision: precision))
    }

    /// A value of this parameter for evaluation alone, whose memory is somebody's bytes.
    ///
    /// They are those of ``Tensors/Tensor/laidOut`` of what ``frozen(_:precision:)`` makes; nil if they
    /// are not as many.
    public func frozen(
        readingIn bytes: some LastingBytes, precision: ProductPrecision
    ) -> NamedTensor? {
        let tensor =
            if let places {
                Tensor(
                    rows: rows, columns: columns, frozenForProductsIn: bytes, volume: places,
                    precision: precision)
            } else {
                Tensor(rows: rows, columns: columns, readingIn: bytes)
            }
        return tensor.map { NamedTensor(name: name, shape: shape, tensor: $0) }
    }

    /// Matrices side by side of a weight that products want in a layout of theirs; nil for others.
    private var places: Int? {
        guard role == .weight, shape.count > 1 else { return nil }
        // [outputs, inputs], or [outputs, x, y, z, inputs] of a convolution.
        return shape.dropFirst().dropLast().reduce(1, *)
    }
}
