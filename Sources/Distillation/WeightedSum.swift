/// Operand of a sum of objectives: an objective, a weighted one, or a sum.
package protocol Summand: Sendable {
    /// The terms, in order.
    var terms: [WeightedTerm] { get }
}

/// Weighted sum of objectives, written as in a paper:
/// `CrossEntropy() + 0.3 * SoftTargets(temperature: 2)`.
package struct WeightedSum: Summand, CustomStringConvertible {
    /// The terms, in order.
    package let terms: [WeightedTerm]

    /// A sum of the given terms.
    package init(_ terms: [WeightedTerm]) { self.terms = terms }

    /// A sum of one objective, of one weighted objective, or the sum itself.
    package init(_ summand: some Summand) { terms = summand.terms }

    /// The name of each term in logs: its objective's, with a number if it occurs again.
    package var names: [String] {
        var names: [String] = []
        for (index, term) in terms.enumerated() {
            let name = term.name
            let earlier = terms[..<index].count { $0.name == name }
            // Log columns and parameter names must differ between two terms of one objective.
            names.append(earlier == 0 ? name : "\(name)#\(earlier + 1)")
        }
        return names
    }

    /// The inputs that the terms read besides the student's outputs.
    package var needs: Needs { terms.reduce(into: []) { $0.formUnion($1.objective.needs) } }

    /// Whether any term needs statistics of the whole mini-batch.
    package var requiresExchange: Bool { terms.contains { $0.objective.exchanges } }

    /// The number of exchanges before the loss: 0, 1, or 2 if a term responds to the first totals.
    package var exchanges: Int {
        terms.contains { $0.objective.responds } ? 2 : requiresExchange ? 1 : 0
    }

    /// The sum as the Swift expression that creates it.
    package var description: String { terms.map(\.description).joined(separator: " + ") }
}

/// The product of a weight and an objective.
package func * (factor: Double, objective: some Objective) -> WeightedTerm {
    WeightedTerm(objective, factor: factor)
}

/// The sum of two objectives, weighted objectives or sums.
package func + (left: some Summand, right: some Summand) -> WeightedSum {
    WeightedSum(left.terms + right.terms)
}
