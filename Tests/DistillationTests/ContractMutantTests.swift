import Distillation
import NetworkTesting
import Networks
import Synchronization
import Tensors
import Testing

/// Each promise of the contract beside an objective that breaks it and no other: a check that never
/// fails would promise nothing.
@Suite struct ContractMutantTests {
    private func expect(_ broken: some Objective, isRejectedFor words: String) {
        do {
            try checkObjective(broken)
            Issue.record("\(broken) passes.")
        } catch {
            #expect("\(error)".contains(words), "\(error)")
        }
    }

    /// Right in direction and value, half in norm.
    @Test(arguments: ObjectiveCatalogue.entries.map(\.name))
    func halfTheGradientIsRejected(name: String) throws {
        let base = try #require(ObjectiveCatalogue[name]).trialObjective()
        expect(HalfGradient(base), isRejectedFor: "the gradient promises")
    }

    @Test func dependenceOnTheOrderOfPointsIsRejected() {
        expect(
            Squares { input in
                input.cloudRanges.flatMap { range in range.indices.map { $0 - range.lowerBound } }
            }, isRejectedFor: "with the points of each cloud reversed")
    }

    @Test func dependenceOnTheOrderOfCloudsIsRejected() {
        expect(
            Squares { input in
                zip(input.cloudIDs, input.cloudRanges).flatMap { place, range in
                    range.map { _ in place }
                }
            }, isRejectedFor: "with the clouds reversed")
    }

    @Test func undeclaredLabelsAreRejected() {
        expect(
            Squares { input in input.labels.map { Int($0) + 2 } },
            isRejectedFor: "labels influence the loss, but are not declared as needed")
    }

    @Test func countingUnlabelledPointsIsRejected() {
        expect(
            Squares(needs: .labels) { input in input.labels.map { $0 < 0 ? 1 : 2 } },
            isRejectedFor: "points without a label count")
    }

    @Test func overflowIsRejected() {
        expect(Squares(power: 5) { $0.labels.map { _ in 1 } }, isRejectedFor: "overflow")
    }

    @Test func irreproducibleLossIsRejected() {
        expect(Restless(), isRejectedFor: "a repetition computes other bits")
    }

    @Test func ignoringTheIncomingGradientIsRejected() {
        expect(Deaf(), isRejectedFor: "with 3 as the loss's own gradient")
    }

    @Test func acceptingForeignTotalsIsRejected() {
        expect(Credulous(), isRejectedFor: "totals of another objective")
    }

    @Test func contributingOtherLengthsThanDeclaredIsRejected() {
        expect(Undeclared(), isRejectedFor: "which is not the declared form")
    }

    @Test func contributingVariablesIsRejected() {
        expect(Contributor(), isRejectedFor: "not made of constants")
    }
}

/// The mean over all points of a factor times the sum of the logits' squares, or of a power of them.
private struct Squares: Objective {
    static let name = "mutant.squares"
    var needs: Needs = []
    var power = 1
    let factors: @Sendable (ObjectiveInput) -> [Int]
    var description: String { "Squares()" }

    init(needs: Needs = [], power: Int = 1, factors: @escaping @Sendable (ObjectiveInput) -> [Int])
    {
        self.needs = needs
        self.power = power
        self.factors = factors
    }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        Contribution(counts: [Double(input.rows)])
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let points = max(try totals.counts(1, for: self)[0], 1)
        let squares = input.student.logits * input.student.logits
        let powers = (1..<power).reduce(squares) { product, _ in product * squares }
        return powers.scaledRows(by: factors(input).map { Float($0) }).sum()
            .scaled(by: Float(1 / points))
    }
}

/// An objective that is soft targets but for one thing.
private protocol AlmostSoftTargets: Objective {}

extension AlmostSoftTargets {
    static var name: String { "mutant.almost" }
    var base: SoftTargets { SoftTargets(temperature: 1) }
    var needs: Needs { base.needs }
    var description: String { "\(Self.self)()" }
    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try base.contribution(of: input)
    }
}

private struct Restless: AlmostSoftTargets {
    private let calls = Calls()

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let share = try base.loss(of: input, given: totals)
        return share.scaled(by: calls.next().isMultiple(of: 2) ? 1 : 1 + 1e-6)
    }

    private final class Calls: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock { count in
                // Of three micro-shards a different one is off each time.
                count += 1
                return count
            }
        }
    }
}

private struct Deaf: AlmostSoftTargets {
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let share = try base.loss(of: input, given: totals)
        return .operation("deaf", share, value: share.detached) { _ in Tensor(1) }
    }
}

/// Contributes one count, and declares none.
private struct Undeclared: AlmostSoftTargets {
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try base.loss(of: input, given: totals)
    }
}

private struct Credulous: AlmostSoftTargets {
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try base.loss(
            of: input,
            given: Totals(Contribution(counts: Array(totals.whole.counts.prefix(1)))))
    }
}

private struct Contributor: AlmostSoftTargets {
    func contribution(of input: ObjectiveInput) throws -> Contribution {
        Contribution(
            counts: [Double(input.rows)],
            gathered: [.init(place: input.cloudIDs.first ?? 0, tensor: input.student.logits)])
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try base.loss(of: input, given: Totals(Contribution(counts: totals.whole.counts)))
    }
}
