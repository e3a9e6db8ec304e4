public import Tensors

/// What can stand in a sum of objectives: an objective, a weighted one, or a sum.
public protocol Summand: Sendable {
    /// Its terms, in order.
    var terms: [WeightedTerm] { get }
}

/// An objective with its weight, which may rise with the steps.
public struct WeightedTerm: Summand, CustomStringConvertible {
    /// A linear rise of the weight from nothing.
    public struct Ramp: Sendable, Equatable {
        /// The first step at which the term counts.
        public var start: Int
        /// Steps from there to the full weight.
        public var steps: Int

        /// A rise from step `start` on, over `steps`.
        public init(start: Int = 0, steps: Int) {
            precondition(start >= 0 && steps >= 0, "A ramp has no negative steps.")
            self.start = start
            self.steps = steps
        }
    }

    /// What is weighted.
    public var objective: any Objective
    /// The weight as it was written; nil where none was, which is 1.
    public var factor: Double?
    /// How the weight begins; nil is in full from the first step.
    public var ramp: Ramp?

    /// An objective times a factor.
    public init(_ objective: any Objective, factor: Double?, ramp: Ramp? = nil) {
        self.objective = objective
        self.factor = factor
        self.ramp = ramp
    }

    /// The weight once any ramp is over.
    public var weight: Double { factor ?? 1 }

    /// The weight at a step: 0 before the ramp's start, then rising to the whole.
    public func weight(at step: Int) -> Double {
        guard let ramp else { return weight }
        guard step >= ramp.start else { return 0 }
        guard ramp.steps > 0 else { return weight }
        return weight * min(Double(step - ramp.start + 1) / Double(ramp.steps), 1)
    }

    /// The same term with a weight that rises over `steps`, from step `start` on.
    public func ramped(from start: Int = 0, over steps: Int) -> WeightedTerm {
        WeightedTerm(objective, factor: factor, ramp: Ramp(start: start, steps: steps))
    }

    /// Itself.
    public var terms: [WeightedTerm] { [self] }

    /// The Swift expression that makes it: `0.3 * SoftTargets(temperature: 2)`.
    public var description: String {
        let product = (factor.map { "\($0) * " } ?? "") + objective.description
        guard let ramp else { return product }
        let start = ramp.start == 0 ? "" : "from: \(ramp.start), "
        return "(\(product)).ramped(\(start)over: \(ramp.steps))"
    }
}

/// Objectives added up, as in a paper: `CrossEntropy() + 0.3 * SoftTargets(temperature: 2)`.
public struct WeightedSum: Summand, CustomStringConvertible {
    /// The terms, in order.
    public let terms: [WeightedTerm]

    /// A sum of the given terms.
    public init(_ terms: [WeightedTerm]) { self.terms = terms }

    /// A sum of one objective, of one weighted objective, or the sum itself.
    public init(_ summand: some Summand) { terms = summand.terms }

    /// The name of each term in logs: its objective's, with a number where one occurs again.
    public var names: [String] {
        var names: [String] = []
        for (index, term) in terms.enumerated() {
            let name = type(of: term.objective).name
            let earlier = terms[..<index].count { type(of: $0.objective).name == name }
            names.append(earlier == 0 ? name : "\(name)#\(earlier + 1)")
        }
        return names
    }

    /// What the terms read besides the student's signals.
    public var needs: Needs { terms.reduce(into: []) { $0.formUnion($1.objective.needs) } }

    /// Whether any term must know of the whole mini-batch.
    public var requiresExchange: Bool { terms.contains { $0.objective.exchanges } }

    /// The sum as the Swift expression that makes it.
    public var description: String { terms.map(\.description).joined(separator: " + ") }
}

/// The product of a weight and an objective.
public func * (factor: Double, objective: some Objective) -> WeightedTerm {
    WeightedTerm(objective, factor: factor)
}

/// The sum of two objectives, weighted objectives or sums.
public func + (left: some Summand, right: some Summand) -> WeightedSum {
    WeightedSum(left.terms + right.terms)
}

// MARK: - Computing

extension WeightedSum {
    /// What each term has to say to the whole mini-batch: one contribution a term, in order.
    ///
    /// Terms without weight at this step say nothing.
    public func contributions(of lesson: Lesson) throws -> [Contribution] {
        try terms.map { term in
            term.weight(at: lesson.step) == 0
                ? .nothing : try term.objective.contribution(of: lesson)
        }
    }

    /// This micro-shard's share of the mini-batch's loss.
    ///
    /// - Parameters:
    ///   - lesson: the micro-shard.
    ///   - totals: of each term, in order; where ``requiresExchange`` is false, none are needed.
    /// - Returns: the weighted sum on the student's tape, 1 x 1, and each term's share without its
    ///   weight (0 for one that has none at this step), to be added up over the micro-shards and
    ///   logged under ``names``.
    public func loss(
        of lesson: Lesson, given totals: [Totals] = []
    ) throws -> (total: Tensor, terms: [Double]) {
        guard totals.count == terms.count || (totals.isEmpty && !requiresExchange) else {
            throw ObjectiveError(
                "Totals of \(totals.count) terms for an objective of \(terms.count) (\(self)): "
                    + "coordinator and worker follow different recipes.")
        }
        var shares: [Tensor] = []
        var weights: [Float] = []
        var values = [Double](repeating: 0, count: terms.count)
        var total = 0.0
        for (index, term) in terms.enumerated() {
            let weight = term.weight(at: lesson.step)
            guard weight != 0 else { continue }
            let share = try term.objective.loss(
                of: lesson, given: totals.isEmpty ? Totals(.nothing) : totals[index])
            values[index] = Double(share.scalar)
            total += weight * values[index]
            shares.append(share)
            weights.append(Float(weight))
        }
        let sum = Tensor.operation("weighted sum", shares, value: Tensor(Float(total))) {
            [weights] dy in weights.map { Tensor($0 * dy.scalar) }
        }
        return (sum, values)
    }
}
