package import Tensors

/// Share of one micro-shard in a sum of objectives, with its gradient.
package struct SumShare {
    /// Value and gradient norm of one term.
    package struct Term: Sendable, Equatable {
        /// The share without the term's weight; 0 if the weight is 0.
        package var value: Double
        /// The sum of the squares of its gradient by the student's outputs, without the term's
        /// weight.
        ///
        /// Micro-shards have different outputs, so the sum over micro-shards is the square of the norm of
        /// the mini-batch's gradient.
        package var gradientSquares: Double
    }

    /// The weighted sum of the terms' shares.
    package let total: Double
    /// The single terms.
    package let terms: [Term]
    /// The gradient of the sum by each of the student's outputs that it depends on: the seeds of the
    /// student's backward pass.
    package let seeds: [(output: Tensor, seed: Tensor)]
    /// The gradient of the sum by the terms' parameters, term after term; nil is zero.
    package let parameterGradients: [Tensor?]
}

extension WeightedSum {
    /// The contribution of each term, in order.
    ///
    /// Terms whose weight is 0 at this step contribute nothing.
    ///
    /// - Parameters:
    ///   - input: the micro-shard.
    ///   - parameters: of each term, as ``ObjectivePlan/bound(_:)`` gives them; may be empty if no term
    ///     has parameters.
    ///   - averages: the moving averages of the same.
    package func contributions(
        of input: ObjectiveInput, parameters: [BoundParameters] = [],
        averages: [BoundParameters] = []
    ) throws -> [Contribution] {
        try terms.enumerated().map { place, term in
            // Not even computed: a term that starts late would otherwise cost its exchange from the first step.
            guard term.weight(at: input.step) != 0 else { return .nothing }
            return try term.objective.contribution(
                of: term.read(input).detached(
                    parameters: parameters.isEmpty ? .none : parameters[place],
                    average: averages.isEmpty ? .none : averages[place]))
        }
    }

    /// The response of each term to the totals, in order.
    ///
    /// The parameters are those of ``contributions(of:parameters:averages:)``.
    package func responses(
        of input: ObjectiveInput, to totals: [Totals], parameters: [BoundParameters] = [],
        averages: [BoundParameters] = []
    ) throws -> [Contribution] {
        guard totals.count == terms.count else { throw mismatch(totals) }
        return try terms.enumerated().map { place, term in
            guard term.objective.responds, term.weight(at: input.step) != 0 else {
                return .nothing
            }
            return try term.objective.response(
                of: term.read(input).detached(
                    parameters: parameters.isEmpty ? .none : parameters[place],
                    average: averages.isEmpty ? .none : averages[place]),
                to: totals[place])
        }
    }

    /// The metrics of all terms, under the terms' names in logs.
    ///
    /// Terms whose weight is 0 at this step report nothing.
    package func metrics(
        given totals: [Totals], parameters: [BoundParameters], step: Int
    ) throws -> [(name: String, metric: Metric)] {
        try terms.enumerated().flatMap { place, term in
            guard term.weight(at: step) != 0 else { return [(name: String, metric: Metric)]() }
            return try term.objective.metrics(
                given: totals.isEmpty ? Totals(.nothing) : totals[place],
                parameters: parameters.isEmpty ? .none : parameters[place].detached, step: step
            ).map { ("\(names[place]).\($0.name)", $0) }
        }
    }

    private func mismatch(_ totals: [Totals]) -> ObjectiveError {
        ObjectiveError(
            "Totals of \(totals.count) terms for an objective of \(terms.count) (\(self)): "
                + "coordinator and worker follow different recipes.")
    }

    /// This micro-shard's share of the mini-batch's loss and its gradient.
    ///
    /// Each term is computed on a small tape whose leaves are the student's outputs and the term's
    /// parameters. That yields the gradient of each single term at the cost of the sum of its squares. The
    /// outputs are not copied.
    ///
    /// - Parameters:
    ///   - input: the micro-shard; the student's outputs may be on any tape, or none.
    ///   - totals: of each term, in order; may be empty if ``requiresExchange`` is false.
    ///   - parameters: of each term, as ``ObjectivePlan/bound(_:)`` gives them.
    ///   - averages: the moving averages of the same.
    package func share(
        of input: ObjectiveInput, given totals: [Totals] = [], parameters: [BoundParameters] = [],
        averages: [BoundParameters] = []
    ) throws -> SumShare {
        guard totals.count == terms.count || (totals.isEmpty && !requiresExchange) else {
            throw mismatch(totals)
        }
        let outputs = input.studentTensors
        var seeds = [Tensor?](repeating: nil, count: outputs.count)
        var shares: [SumShare.Term] = []
        var ownGradients: [Tensor?] = []
        var total = 0.0
        for (place, term) in terms.enumerated() {
            let own = parameters.isEmpty ? BoundParameters.none : parameters[place]
            let weight = term.weight(at: input.step)
            guard weight != 0 else {
                shares.append(.init(value: 0, gradientSquares: 0))
                ownGradients += own.tensors.map { _ in nil }
                continue
            }
            let tape = Tape()
            let moved = term.read(input).moved(
                to: tape, parameters: own, average: averages.isEmpty ? .none : averages[place])
            let share = try term.objective.loss(
                of: moved.input, given: totals.isEmpty ? Totals(.nothing) : totals[place])
            // The weight enters as the seed, so that the gradients need no further pass over memory.
            let gradients = tape.gradients(from: share, seed: Tensor(Float(weight)))
            var squares = 0.0
            for (index, output) in moved.outputs.enumerated() {
                guard let gradient = gradients[output] else { continue }
                squares += gradient.squaredNorm
                seeds[index] = seeds[index].map { $0 + gradient } ?? gradient
            }
            ownGradients += moved.input.parameters.tensors.map { gradients[$0] }
            let value = Double(share.scalar)
            // Logged without the weight: norms of terms are comparable whatever their weights are at this step.
            shares.append(.init(value: value, gradientSquares: squares / (weight * weight)))
            total += weight * value
        }
        return SumShare(
            total: total, terms: shares,
            seeds: zip(outputs, seeds).compactMap { output, seed in seed.map { (output, $0) } },
            parameterGradients: ownGradients)
    }
}
