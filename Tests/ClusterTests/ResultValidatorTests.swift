import Cluster
import Distillation
import Messages
import Tensors
import Testing
import Training

/// Results are checked against the recipe, not against those that came before.
@Suite struct ResultValidatorTests {
    private typealias Gathered = Distillation.Contribution.Gathered

    /// Two terms; the second contributes at step 3 only.
    private let validator = ResultValidator(
        StepShape(shards: 4, buckets: 1, exchanges: 1), steps: 9, bucketCounts: [3], clouds: 8,
        statistics: StatisticsLayout([]), classes: 2
    ) { _, step in
        [
            ContributionForm(
                counts: 2, sums: [[2, 3]], gathered: .init(columns: [4, 5], rows: 16)),
            step == 0 ? .nothing : ContributionForm(counts: 1),
        ]
    }

    private func part(
        counts: Int = 2, sum: (Int, Int) = (2, 3), gathered: [(place: Int, Int, Int)]? = nil
    ) -> Distillation.Contribution {
        .init(
            counts: Array(repeating: 1, count: counts),
            sums: [Tensor.zeros(rows: sum.0, columns: sum.1)],
            gathered: (gathered ?? [(0, 3, 4), (0, 3, 5), (1, 16, 4), (1, 16, 5)]).map {
                Gathered(place: $0.place, tensor: .zeros(rows: $0.1, columns: $0.2))
            })
    }

    private func check(
        _ parts: [Distillation.Contribution], step: UInt64 = 0, round: UInt8 = 0
    ) throws {
        let terms = parts.enumerated().map { ContributionTerm($1, term: $0) }
        _ = try validator.event(
            of: WireMessage(
                Messages.Contribution(
                    step: step, node: Messages.TreeNode(level: 0, index: 0), round: round,
                    terms: terms),
                tensors: parts.flatMap(\.tensors)),
            from: 1, at: Int(step))
    }

    @Test("the first contribution of a step must have the recipe's form")
    func firstContributionIsChecked() throws {
        try check([part(), .nothing])
        try check([part(gathered: []), .nothing])
        try check([part(), .init(counts: [1])], step: 3)
        let wrong: [[Distillation.Contribution]] = [
            [], [part()], [part(), .nothing, .nothing], [part(), .init(counts: [1])],
            [part(counts: 1), .nothing], [part(counts: 3), .nothing],
            [part(sum: (3, 2)), .nothing], [part(sum: (2, 4)), .nothing],
            [part(gathered: [(0, 3, 4)]), .nothing],
            [part(gathered: [(0, 3, 5), (0, 3, 4)]), .nothing],
            [part(gathered: [(0, 3, 4), (0, 2, 5)]), .nothing],
            [part(gathered: [(0, 17, 4), (0, 17, 5)]), .nothing],
            [part(gathered: [(0, 3, 4), (1, 3, 5)]), .nothing],
            [part(gathered: [(0, 3, 4), (0, 3, 5), (0, 3, 4), (0, 3, 5)]), .nothing],
        ]
        for parts in wrong {
            #expect(throws: (any Error).self, "\(parts.map(\.shape))") { try check(parts) }
        }
        #expect(throws: (any Error).self, "there is no second exchange") {
            try check([part(), .nothing], round: 1)
        }
        #expect(throws: (any Error).self, "a term's weight is 0 at step 0 alone") {
            try check([part(), .nothing], step: 3)
        }
    }

    @Test("reports of values that no micro-shard has are refused or limited")
    func reportsAreLimited() throws {
        func report(_ values: [Double], nanoseconds: UInt64 = 1) throws -> ShardReport? {
            let event = try validator.event(
                of: WireMessage(
                    NodeReport(
                        step: 0, node: Messages.TreeNode(level: 0, index: 0), values: values,
                        hasStatistics: false,
                        phases: [PhaseTime(phase: 0, nanoseconds: nanoseconds)])),
                from: 1, at: 0)
            guard case .report(_, _, _, let report)? = event else { return nil }
            return report
        }
        let values = [Double](repeating: 1, count: ShardReport.count(terms: 2))
        #expect(try report(values)?.values == values)
        for number in [Double.nan, .infinity, 1e300] {
            var wrong = values
            wrong[wrong.count - 1] = number
            #expect(throws: (any Error).self) { try report(wrong) }
        }
        #expect(throws: (any Error).self) { try report([]) }
    }
}
