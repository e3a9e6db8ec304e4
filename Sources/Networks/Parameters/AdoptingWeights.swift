public import Tensors

extension Network {
    /// The given weights as this network's own: by name, in the order of its specifications;
    /// ``Tensors/Weights/init(adopting:for:)`` lists the errors.
    public func adopting(_ weights: Weights) throws(NetworkError) -> Weights {
        try Weights(adopting: weights, for: specifications)
    }
}

extension Weights {
    /// The first weights of a run of this seed, in the order of the specifications.
    public init(initially specifications: [ParameterSpecification], seed: UInt64) {
        self.init(
            specifications.map { specification in
                specification.named(
                    specification.initial.tensor(
                        rows: specification.rows, columns: specification.columns, seed: seed,
                        path: specification.name))
            })
    }

    /// The given weights by name, in the order of the specifications.
    ///
    /// A leading `module.` (of distributed PyTorch runs) is dropped from names. Counters of
    /// batches may be absent and then start at 0. Anything else missing, left over or of another
    /// shape, or a number that is not finite, is an error, one sentence with the first few names.
    public init(
        adopting weights: Weights, for specifications: [ParameterSpecification]
    ) throws(NetworkError) {
        var given: [String: NamedTensor] = [:]
        var order: [String] = []
        for weight in weights {
            var weight = weight
            // PyTorch's DistributedDataParallel wraps the model in a module of that name.
            if weight.name.hasPrefix("module.") { weight.name.removeFirst("module.".count) }
            guard given.updateValue(weight, forKey: weight.name) == nil else {
                throw NetworkError(
                    "The weights name \(weight.name) twice, with and without module.")
            }
            order.append(weight.name)
        }
        var missing: [String] = []
        var mismatched: [String] = []
        var notFinite: [(name: String, place: Int)] = []
        var adopted: [NamedTensor] = []
        for specification in specifications {
            guard let weight = given.removeValue(forKey: specification.name) else {
                // Some public checkpoints lack the counters, which no result depends on.
                if specification.role == .batchCount {
                    adopted.append(specification.named(Tensor(0)))
                } else {
                    missing.append(specification.name)
                }
                continue
            }
            guard weight.shape == specification.shape else {
                mismatched.append("\(weight.name) is \(weight.shape), not \(specification.shape)")
                continue
            }
            // A NaN spreads to every score, whose largest column is then the first class.
            if let place = weight.tensor.firstThatIsNotFinite {
                notFinite.append((weight.name, place))
            }
            adopted.append(specification.named(specification.shaped(weight.tensor)))
        }
        // In the file's order: the first few names then tell which part of the network is foreign.
        let extra = order.filter { given[$0] != nil }
        let complaints = [
            ("missing", missing), ("not of this network", extra), ("of another shape", mismatched),
        ].filter { !$0.1.isEmpty }
        guard complaints.isEmpty else {
            let parts = complaints.map { what, names in
                "\(names.count) \(what) (\(firstFew(names)))"
            }
            throw NetworkError(
                "The weights do not fit the network: \(parts.joined(separator: ", "));"
                    + " check that the configuration is the one they were trained with.")
        }
        if let first = notFinite.first {
            let more = notFinite.count - 1
            throw NetworkError(
                "The weight \(first.name) has a number that is not finite, at place \(first.place)"
                    + (more > 0 ? ", and \(more) other weights have some" : "")
                    + ": use weights from before the training diverged.")
        }
        self.init(adopted)
    }
}

extension ParameterSpecification {
    /// The tensor under this name and shape.
    func named(_ tensor: Tensor) -> NamedTensor {
        NamedTensor(name: name, shape: shape, tensor: tensor)
    }

    /// The same values in the rows and columns of this specification.
    func shaped(_ tensor: Tensor) -> Tensor {
        if tensor.rows == rows && tensor.columns == columns { return tensor.detached }
        return Tensor(rows: rows, columns: columns, tensor.values)
    }
}

private func firstFew(_ names: [String]) -> String {
    names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
}
