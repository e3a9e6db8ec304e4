package import Networks
package import Tensors

/// Weighted sum of objectives with the taps it reads of a pair of networks and the parameters of its
/// terms.
package struct ObjectivePlan: Sendable {
    /// The sum.
    package let sum: WeightedSum
    /// The inputs that the terms read.
    package let needs: Needs
    /// The student's taps that are read: the recipe's first, each once.
    package let studentTaps: [Tap]
    /// The teacher's taps that are read: the recipe's first, each once.
    package let teacherTaps: [Tap]
    /// The terms' parameters under their full names (`objectives.feature.projector.weight`), term after
    /// term.
    package let specifications: [ParameterSpecification]
    /// The lengths of what each term contributes.
    package let exchangeForms: [ExchangeForm]
    /// The names of each term's parameters within the term.
    private let names: [[String]]

    /// The prefix of the names of all objectives' parameters.
    package static let prefix = "objectives."

    /// A plan for these networks; throws one sentence if a term cannot be computed with them.
    package init(_ sum: WeightedSum, for pair: NetworkPair) throws {
        self.sum = sum
        needs = sum.needs
        var student = [pair.taps.student]
        var teacher = [pair.taps.teacher]
        var specifications: [ParameterSpecification] = []
        var names: [[String]] = []
        var forms: [ExchangeForm] = []
        _ = try pair.student.width(at: pair.taps.student)
        for (term, name) in zip(sum.terms, sum.names) {
            let objective = term.objective
            try Self.check(objective, pair)
            let demand = try objective.taps(for: pair)
            // A tap that does not exist must be reported before the run, not as a failed precondition of its
            // first step.
            for tap in demand.student { _ = try pair.student.width(at: tap) }
            student += demand.student.filter { !student.contains($0) }
            for tap in demand.teacher { _ = try pair.teacher(for: objective).width(at: tap) }
            teacher += demand.teacher.filter { !teacher.contains($0) }
            let own = try objective.parameters(for: pair)
            for specification in own {
                // Statistics of one micro-shard would make the loss depend on the division into micro-shards.
                guard specification.isTrained else {
                    throw ObjectiveError(
                        "\(name) declares \(specification.name) as a running statistic: what the "
                            + "mini-batch's statistics are is a contribution.")
                }
                specifications.append(specification.renamed(Self.prefix + name + "."))
            }
            names.append(own.map(\.name))
            forms.append(try objective.exchange(for: pair))
        }
        studentTaps = student
        teacherTaps = teacher
        self.specifications = specifications
        exchangeForms = forms
        self.names = names
    }

    private static func check(_ objective: some Objective, _ pair: NetworkPair) throws {
        // Checked here once, so that every objective refuses a missing teacher in the same words.
        guard !objective.needs.isDisjoint(with: .teacher) else { return }
        let teacher = try pair.teacher(for: objective)
        if objective.needs.contains(.teacherFeatures) {
            // Rows of different voxels would be compared without any error, since both are plain matrices.
            try pair.checkRows(
                student: pair.taps.student, teacher: pair.taps.teacher, for: objective)
        }
        if objective.needs.contains(.teacherAuxiliary), teacher.auxiliary.isEmpty {
            throw ObjectiveError(
                "\(type(of: objective).name) needs a teacher with auxiliary heads, and this one has "
                    + "none: train heads on it first (train: heads).")
        }
    }

    /// The lengths of each term's contribution to an exchange at a step.
    ///
    /// Terms whose weight is 0 at this step contribute nothing; without a step, all contribute.
    package func forms(round: Int, at step: Int?) -> [ContributionForm] {
        zip(sum.terms, exchangeForms).map { term, form in
            step.map { term.weight(at: $0) == 0 } == true ? .nothing : form[round]
        }
    }

    /// The initial values of the terms' parameters in a run of this seed.
    package func initialWeights(seed: UInt64) -> Weights {
        Weights(initially: specifications, seed: seed)
    }

    /// Each term's parameters, from the values of ``specifications`` in their order.
    package func bound(_ tensors: [Tensor]) -> [BoundParameters] {
        precondition(
            tensors.count == specifications.count,
            "\(tensors.count) tensors for \(specifications.count) parameters of objectives.")
        var next = tensors.startIndex
        return names.map { names in
            defer { next += names.count }
            return BoundParameters(Array(zip(names, tensors[next..<next + names.count])))
        }
    }
}

extension ParameterSpecification {
    fileprivate func renamed(_ prefix: String) -> ParameterSpecification {
        ParameterSpecification(
            name: prefix + name, shape: shape, role: role, initial: initial, inBlock: inBlock)
    }
}
