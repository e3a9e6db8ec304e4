import Distillation
import Foundation
import NetworkTesting
import Settings
import Tensors
import Testing

@Suite struct FeatureProjectorTests {
    @Test(arguments: [1, 2, 3, 4, 6]) func overTheMiniBatch(exponent: Int) throws {
        try checkObjective(
            FeatureProjector(exponent: exponent),
            reference: Reference.projector(exponent) { columns($0, Reference.standardized) })
    }

    @Test(arguments: [2, 4]) func rowByRow(exponent: Int) throws {
        try checkObjective(
            FeatureProjector(exponent: exponent, normalization: .layer),
            reference: Reference.projector(exponent) { $0.map(Reference.standardized) })
        try checkObjective(
            FeatureProjector(exponent: exponent, normalization: .group(1)),
            reference: Reference.projector(exponent) { $0.map(Reference.standardized) })
        try checkObjective(
            FeatureProjector(exponent: exponent, normalization: .none),
            reference: Reference.projector(exponent) { $0 })
    }

    /// Batch norm with its statistics held constant on the way back: the usual shortcut of those
    /// who cannot ask twice.
    @Test func constantStatisticsAreRejected() throws {
        let error = #expect(throws: ObjectiveViolation.self) {
            try checkObjective(ConstantStatistics())
        }
        #expect(error?.description.contains("the gradient promises") == true)
    }

    /// The logarithm of each micro-shard's own sum, averaged.
    @Test func logarithmsOfPartsAreRejected() throws {
        #expect(throws: ObjectiveViolation.self) { try checkObjective(LogarithmsOfParts()) }
    }

    @Test func groupsMustDivideTheChannels() throws {
        let error = #expect(throws: ObjectiveError.self) {
            try ObjectivePlan(
                WeightedSum(FeatureProjector(normalization: .group(2))), for: ObjectiveTrial().pair)
        }
        #expect(
            error?.description
                == "feature.projector: the teacher's 5 channels at dec0 cannot be divided into 2 "
                + "groups: choose a number that divides them.")
    }

    @Test func collapsedProjectorIsWarnedAbout() throws {
        func metrics(_ weight: Tensor, step: Int = 20) throws -> [Metric] {
            try FeatureProjector().metrics(
                given: Totals(.nothing),
                parameters: BoundParameters([("projector.weight", weight)]),
                step: step)
        }
        var generator = CounterGenerator(seed: 3, purpose: .init("projector"))
        let healthy = Tensor(rows: 40, columns: 24) { values in
            for place in values.indices { values[place] = generator.normal() }
        }
        let collapsed = Tensor(rows: 40, columns: 24) { values in
            for place in values.indices {
                values[place] = Float(place / 24 + 1) * Float(place % 24 + 1) * 1e-3
            }
        }
        let found = try metrics(healthy)
        #expect(
            found.map(\.name) == [
                "largest-singular-value", "smallest-singular-value", "effective-rank",
            ])
        #expect(found.allSatisfy { $0.warning == nil } && found[2].value > 20)
        let warned = try metrics(collapsed)
        #expect(abs(warned[2].value - 1) < 1e-3)
        #expect(
            warned[2].warning
                == "feature.projector: of 24 dimensions the projector keeps about 1: what the student "
                + "learns of the teacher's features is little; lower the term's weight or the "
                + "optimiser's rate, or choose another normalisation.")
        #expect(try metrics(healthy, step: 21).isEmpty)
    }

    @Test func settings() throws {
        func made(_ settings: String) throws -> String {
            try ObjectiveSettings(yaml: "[feature.projector: \(settings)]").sum().description
        }
        #expect(try made("{}") == "2.0 * FeatureProjector(exponent: 4)")
        #expect(
            try made("{normalization: group, groups: 8, exponent: 2}")
                == "2.0 * FeatureProjector(exponent: 2, normalization: .group(8))")
        let error = #expect(throws: SettingsError.self) { try made("{groups: 8}") }
        #expect(
            error?.description
                == "the objectives, line 1: objectives[0].feature.projector.groups: only normalization: group has any: "
                + "remove it or say so.")
    }
}

/// The projector that forgets what batch norm's statistics depend on.
private struct ConstantStatistics: Mutant {
    static let name = "mutant.constant-statistics"
    let base: any Objective = FeatureProjector()

    func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution {
        let counts = try base.response(of: input, to: totals).counts
        return Contribution(counts: [counts[0]] + counts.dropFirst().map { _ in 0 })
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try base.loss(of: input, given: totals)
    }
}

/// The projector with the right statistics, and a logarithm a micro-shard.
private struct LogarithmsOfParts: Mutant {
    static let name = "mutant.logarithms-of-parts"
    let base: any Objective = FeatureProjector()

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let own = try base.response(of: input, to: totals)
        return try base.loss(of: input, given: Totals(totals.whole, responses: own))
    }
}

private func columns(_ rows: [[Double]], _ change: ([Double]) -> [Double]) -> [[Double]] {
    let changed = rows[0].indices.map { column in change(rows.map { $0[column] }) }
    return rows.indices.map { row in changed.map { $0[row] } }
}

extension Reference {
    static func standardized(_ values: [Double]) -> [Double] {
        let mean = values.reduce(0, +) / Double(values.count)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
        return values.map { ($0 - mean) / (variance + 1e-4).squareRoot() }
    }

    /// Rows of x through a trial's projector of this name.
    static func projected(
        _ x: [[Double]], _ trial: ObjectiveTrial, _ name: String = "projector"
    ) -> [[Double]] {
        let weight = trial.parameters.first { $0.name == name + ".weight" }!.rows
        let bias = trial.parameters.first { $0.name == name + ".bias" }?.rows[0]
        return x.map { row in
            weight.indices.map { dot(weight[$0], row) + (bias?[$0] ?? 0) }
        }
    }

    static func projector(
        _ exponent: Int, normalized: @escaping @Sendable ([[Double]]) -> [[Double]]
    ) -> ObjectiveReference {
        { trial in
            let student = trial.clouds.flatMap { projected($0.studentFeatures, trial) }
            let teacher = trial.clouds.flatMap(\.teacherFeatures)
            let sum = zip(normalized(student), normalized(teacher)).reduce(0) { sum, rows in
                zip(rows.0, rows.1).reduce(sum) { $0 + pow(abs($1.0 - $1.1), Double(exponent)) }
            }
            return log(sum + 1e-5)
        }
    }
}
