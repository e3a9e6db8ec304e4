public import Tensors

extension Weights {
    /// The same weights for evaluation only, each in memory once: matrices and kernels are packed
    /// for products, and no gradient can flow through them.
    ///
    /// The weights keep the order of the network's specifications.
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
    /// A value of this parameter for evaluation only, as ``Tensors/Weights/frozen(for:precision:)``
    /// makes it: for callers that read values one by one and keep none in two forms.
    public func frozen(_ value: NamedTensor, precision: ProductPrecision) -> NamedTensor {
        guard let places else { return value }
        return NamedTensor(
            name: value.name, shape: value.shape,
            tensor: value.tensor.frozenForProducts(volume: places, precision: precision))
    }

    /// A value of this parameter for evaluation only, whose memory is the given bytes.
    ///
    /// The bytes are those of ``Tensors/Tensor/laidOut`` of a result of ``frozen(_:precision:)``; nil
    /// if their number differs.
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

    /// The number of matrices side by side in a weight that is packed for products; nil for others.
    private var places: Int? {
        guard role == .weight, shape.count > 1 else { return nil }
        // [outputs, inputs], or [outputs, x, y, z, inputs] of a convolution.
        return shape.dropFirst().dropLast().reduce(1, *)
    }
}
