package import Tensors

/// One micro-shard's share of a sum of objectives, with its gradient.
package struct SumShare {
    /// What one term comes to.
    package struct Term: Sendable, Equatable {
        /// The share without the term's weight; 0 where that is 0.
        package var value: Double
        /// The sum of the squares of its gradient by the student's outputs, without the term's
        /// weight.
        ///
        /// Outputs of different micro-shards are different numbers, so these sums add up to the
        /// square of the norm of the mini-batch's gradient.
        package var gradientSquares: Double
    }

    /// The weighted sum of the terms' shares.
    package let total: Double
    /// Each term alone.
    package let terms: [Term]
    /// The gradient of the sum by each of the student's outputs it depends on: with it the student's
    /// tape goes back.
    package let seeds: [(output: Tensor, seed: Tensor)]
    /// The gradient of the sum by the terms' own parameters, term after term; nil is zero.
    package let parameterGradients: [Tensor?]
}

extension WeightedSum {
    /// What each term has to say to the whole mini-batch: one contribution a term, in order.
    ///
    /// Terms without weight at this step say nothing.
    ///
    /// - Parameters:
    ///   - input: the micro-shard.
    ///   - parameters: each term's own, as ``ObjectivePlan/bound(_:)`` gives them; none needed where
    ///     no term has any.
    ///   - averages: the moving averages of the same.
    package func contributions(
        of input: ObjectiveInput, parameters: [BoundParameters] = [],
        averages: [BoundParameters] = []
    ) throws -> [Contribution] {
        try terms.enumerated().map { place, term in
            guard term.weight(at: input.step) != 0 else { return .nothing }
            return try term.objective.contribution(
                of: input.detached(
                    parameters: parameters.isEmpty ? .none : parameters[place],
                    average: averages.isEmpty ? .none : averages[place]))
        }
    }

    /// What each term has to say once the first totals are known: one contribution a term, in order.
    ///
    /// Parameters are those of ``contributions(of:parameters:averages:)``.
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
                of: input.detached(
                    parameters: parameters.isEmpty ? .none : parameters[place],
                    average: averages.isEmpty ? .none : averages[place]),
                to: totals[place])
        }
    }

    /// What the terms report about themselves, under their names in logs.
    ///
    /// Terms without weight at this step report nothing.
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
    /// Each term is computed on a small tape of its own, whose leaves are the student's outputs and
    /// the term's parameters: that gives the gradient of each term by itself at no cost but the sum
    /// of its squares. The outputs are not copied.
    ///
    /// - Parameters:
    ///   - input: the micro-shard; the student's outputs may stand on any tape, or none.
    ///   - totals: of each term, in order; where ``requiresExchange`` is false, none are needed.
    ///   - parameters: each term's own, as ``ObjectivePlan/bound(_:)`` gives them.
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
            let moved = input.moved(
                to: tape, parameters: own, average: averages.isEmpty ? .none : averages[place])
            let share = try term.objective.loss(
                of: moved.input, given: totals.isEmpty ? Totals(.nothing) : totals[place])
            let gradients = tape.gradients(from: share, seed: Tensor(Float(weight)))
            var squares = 0.0
            for (index, output) in moved.outputs.enumerated() {
                guard let gradient = gradients[output] else { continue }
                squares += gradient.squaredNorm
                seeds[index] = seeds[index].map { $0 + gradient } ?? gradient
            }
            ownGradients += moved.input.parameters.tensors.map { gradients[$0] }
            let value = Double(share.scalar)
            shares.append(.init(value: value, gradientSquares: squares / (weight * weight)))
            total += weight * value
        }
        return SumShare(
            total: total, terms: shares,
            seeds: zip(outputs, seeds).compactMap { output, seed in seed.map { (output, $0) } },
            parameterGradients: ownGradients)
    }
}
