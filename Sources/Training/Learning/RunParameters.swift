package import Distillation
package import Networks
package import Tensors

/// All parameters of a run: the student's and those that objectives bring, which of them learn, and
/// how each kind travels.
///
/// What learns stands in buckets that go out with every version of the weights. Running statistics
/// go with them as one flat run. What is frozen goes to each worker once.
package struct RunParameters: Sendable {
    /// The student.
    package let network: any Network
    /// Which of the student's parameters learn.
    package let scope: TrainingScope
    /// The objectives' own parameters, under their full names.
    package let own: [ParameterSpecification]
    /// Where what learns stands: the student's parameters, then the objectives'.
    package let layout: BucketLayout
    /// Where the student's parameters stand that do not learn.
    package let frozen: BucketLayout
    /// Where the moments of the student's normalisations stand; of none where all of it is frozen.
    package let statistics: StatisticsLayout

    /// The parameters of a student and of a plan's objectives.
    package init(_ network: any Network, _ plan: ObjectivePlan, scope: TrainingScope = .everything)
    {
        self.init(network, own: plan.specifications, scope: scope)
    }

    /// The parameters of a student and of objectives.
    package init(
        _ network: any Network, own: [ParameterSpecification] = [],
        scope: TrainingScope = .everything
    ) {
        self.network = network
        self.scope = scope
        self.own = own
        let trainable = network.specifications.filter(\.isTrained)
        let learning = trainable.filter { scope.trains($0.name) }
        layout = BucketLayout((learning + own).map { ($0.name, $0.shape) })
        frozen = BucketLayout(
            trainable.filter { !scope.trains($0.name) }.map { ($0.name, $0.shape) })
        statistics = StatisticsLayout(learning.isEmpty ? [] : network.specifications)
    }

    /// Whether none of the student learns, so that it runs in evaluation mode.
    package var isStudentFrozen: Bool { layout.slots.count == own.count }

    /// Whether a parameter of the student stays as it is.
    package func isFrozen(_ specification: ParameterSpecification) -> Bool {
        specification.isTrained && !scope.trains(specification.name)
    }

    /// Names, shapes and fate of all parameters, a line each: what coordinator and workers must
    /// agree on.
    package var description: String {
        (network.specifications + own).map { specification in
            "\(specification.name) \(specification.shape)"
                + (isFrozen(specification) ? " frozen" : "")
        }.joined(separator: "\n")
    }

    /// The running statistics and whatever else no gradient ever changes, as one flat run.
    func flatStatistics(of student: Weights) -> Tensor {
        let tensors = network.specifications.enumerated().filter { !$1.isTrained }.map {
            student[$0.offset].tensor
        }
        var flat = FlatAssembler(count: tensors.reduce(0) { $0 + $1.count })
        var offset = 0
        for tensor in tensors {
            flat.write(tensor, at: offset)
            offset += tensor.count
        }
        return flat.finished()
    }

    /// The values behind buckets and flat runs as they travel: the student's weights in the order of
    /// its specifications, and the objectives' own.
    ///
    /// - Parameter constant: what is frozen, by name; it is not copied.
    package func weights(
        buckets: [Tensor], statistics: Tensor, constant: Weights
    ) -> (student: Weights, own: Weights) {
        let learning = layout.unpacked(buckets)
        var offset = 0
        let student = Weights(
            network.specifications.map { specification in
                if specification.isTrained {
                    let name = specification.name
                    guard let tensor = learning[name] ?? constant[name] else {
                        preconditionFailure("No weight is called \(name).")
                    }
                    return NamedTensor(name: name, shape: specification.shape, tensor: tensor)
                }
                defer { offset += specification.count }
                return NamedTensor(
                    name: specification.name, shape: specification.shape,
                    tensor: statistics.unpacked(
                        at: offset, rows: specification.rows, columns: specification.columns))
            })
        return (student, Weights(learning.suffix(own.count)))
    }
}
