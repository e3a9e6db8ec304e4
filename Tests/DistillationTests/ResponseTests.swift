import Distillation
import Foundation
import NetworkTesting
import Networks
import Tensors
import Testing

/// An objective that must ask twice: deviations from the mini-batch's mean, the sum of whose powers
/// stands in a logarithm.
///
///     L = log Σ_nc d⁴,   d = F - mean F;   dL/dF = 4 (d³ - mean d³) / Σ d⁴.
private struct CentredPower: Objective {
    static let name = "test.centred-power"
    var needs: Needs { [] }
    var responds: Bool { true }
    var description: String { "CentredPower()" }

    func exchange(for pair: NetworkPair) throws -> ExchangeForm {
        let form = ContributionForm(
            counts: 1, sums: [[1, try pair.student.width(at: pair.taps.student)]])
        return ExchangeForm(form, response: form)
    }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        Contribution(
            counts: [Double(input.rows)],
            sums: [columnSums(input.student.features.values.map(Double.init), input)])
    }

    func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution {
        let deviations = try deviations(input, totals)
        return Contribution(
            counts: [deviations.reduce(0) { $0 + pow($1, 4) }],
            sums: [columnSums(deviations.map { pow($0, 3) }, input)])
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let features = input.student.features
        let deviations = try deviations(input, totals)
        guard totals.responses.counts.count == 1 else { throw totals.mismatch(self) }
        let sum = totals.responses.counts[0]
        guard sum > 0 else { return .share("power", of: features, value: 0, gradient: nil) }
        let cubes = totals.responses.sums[0].values.map { Double($0) / totals.whole.counts[0] }
        let width = features.columns
        let gradient = deviations.enumerated().map {
            Float(4 * (pow($1, 3) - cubes[$0 % width]) / sum)
        }
        let own = deviations.reduce(0) { $0 + pow($1, 4) }
        return .share(
            "power", of: features, value: log(sum) * own / sum,
            gradient: Tensor(rows: features.rows, columns: width, gradient))
    }

    private func deviations(_ input: ObjectiveInput, _ totals: Totals) throws -> [Double] {
        let count = max(try totals.counts(1, for: self)[0], 1)
        guard totals.whole.gathered.isEmpty else { throw totals.mismatch(self) }
        let means = totals.whole.sums[0].values.map { Double($0) / count }
        return input.student.features.values.enumerated().map {
            Double($1) - means[$0 % means.count]
        }
    }

    private func columnSums(_ values: [Double], _ input: ObjectiveInput) -> Tensor {
        let width = input.student.features.columns
        var sums = [Double](repeating: 0, count: width)
        for (place, value) in values.enumerated() { sums[place % width] += value }
        return Tensor(rows: 1, columns: width, sums.map { Float($0) })
    }
}

@Suite struct ResponseTests {
    @Test func responsesToTotalsAreExact() throws {
        try checkObjective(CentredPower()) { trial in
            let rows = trial.clouds.flatMap(\.studentFeatures)
            let means = rows[0].indices.map { channel in
                rows.reduce(0) { $0 + $1[channel] } / Double(rows.count)
            }
            return log(
                rows.reduce(0) { sum, row in
                    zip(row, means).reduce(sum) { $0 + pow($1.0 - $1.1, 4) }
                })
        }
    }

    @Test func respondingTermNeedsASecondExchange() {
        #expect((CrossEntropy() + CentredPower()).exchanges == 2)
        #expect((CrossEntropy() + DenseRelation()).exchanges == 1)
    }
}
