package import Distillation
package import Networks
package import Tensors

/// Parameters of a run: the student's and the objectives', with their division into trained and frozen
/// ones.
///
/// Trained parameters are sent in buckets with every version of the weights, running statistics beside
/// them as one flat tensor. Frozen parameters are sent to each worker once.
package struct RunParameters: Sendable {
    /// The student.
    package let network: any Network
    /// The student's parameters that are trained.
    package let scope: TrainingScope
    /// The objectives' parameters, under their full names.
    package let own: [ParameterSpecification]
    /// The layout of trained parameters: the student's, then the objectives'.
    package let layout: BucketLayout
    /// The layout of the student's frozen parameters.
    package let frozen: BucketLayout
    /// The layout of the moments of the student's normalisations; empty if the student is frozen.
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

    /// Whether no parameter of the student is trained, so that it runs in evaluation mode.
    package var isStudentFrozen: Bool { layout.slots.count == own.count }

    /// Whether a parameter of the student is frozen.
    package func isFrozen(_ specification: ParameterSpecification) -> Bool {
        specification.isTrained && !scope.trains(specification.name)
    }

    /// Name, shape and use of all parameters, one line each, on which coordinator and workers must agree.
    package var description: String {
        (network.specifications + own).map { specification in
            "\(specification.name) \(specification.shape)"
                + (isFrozen(specification) ? " frozen" : "")
        }.joined(separator: "\n")
    }

    /// The running statistics and other values without gradient as one flat tensor.
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

    /// The weights in received buckets and statistics: the student's in the order of its specifications,
    /// and the objectives'.
    ///
    /// - Parameter constant: frozen weights by name; they are not copied.
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
