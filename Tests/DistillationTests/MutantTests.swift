import Distillation
import NetworkTesting
import Networks
import Tensors
import Testing

/// Objectives with the mistakes that distributed implementations make; the contract must reject
/// each, or it would not be worth passing.
@Suite struct MutantTests {
    private func rejection(
        of mutant: some Objective, drawsPoints: Bool = false
    ) -> String? {
        do {
            try checkObjective(mutant, drawsPoints: drawsPoints)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test(arguments: ObjectiveCatalogue.entries.map(\.name))
    func shardThatIgnoresTotalsIsRejected(name: String) throws {
        let base = try #require(ObjectiveCatalogue[name]).trialObjective()
        let found = try #require(rejection(of: OwnShardOnly(base)))
        #expect(found.contains("micro-shards instead of 1"))
    }

    @Test(arguments: ObjectiveCatalogue.entries.map(\.name))
    func meanOfShardMeansIsRejected(name: String) throws {
        let base = try #require(ObjectiveCatalogue[name]).trialObjective()
        let found = try #require(rejection(of: MeanOfShardMeans(base)))
        #expect(found.contains("micro-shards instead of 1"))
    }

    /// Right in direction, half in norm: the factor that eight projects' threads are about.
    @Test func constantForeignFeaturesOfDenseRelationAreRejected() throws {
        let found = try #require(rejection(of: HalfGradient(DenseRelation(within: 0, across: 1))))
        #expect(found.contains("the gradient promises"))
    }

    @Test func constantKeysOfCrossSampleRelationAreRejected() throws {
        for temperature in [0.1, 0.5] {
            let found = try #require(rejection(of: ConstantKeys(temperature: temperature)))
            #expect(found.contains("the gradient promises"))
        }
    }

    /// The same objective with its keys let go of nothing passes: it is the keys that matter.
    @Test func mutantWithoutTheMistakePasses() throws {
        #expect(rejection(of: CrossSampleRelation(temperature: 0.5)) == nil)
    }

    @Test func parameterGradientsOfOwnShardOnlyAreRejected() throws {
        for found in [
            rejection(of: OwnShardOnly(ProjectedFeatures())),
            rejection(of: MeanOfShardMeans(ProjectedFeatures())),
        ] {
            #expect(try #require(found).contains("micro-shards instead of 1"))
        }
    }

    @Test func constantProjectorIsRejected() throws {
        #expect(try #require(rejection(of: DeafProjector())).contains("gradient promises"))
    }

    @Test func unreachedParameterIsRejected() throws {
        #expect(try #require(rejection(of: IdleParameter())).contains("reaches the parameter idle"))
    }

    @Test func unusedNeedsAreRejected() throws {
        for (needs, words) in [
            (Needs.strongView, "a strong view"), (.quarterTurns, "quarter turns"),
            (.average, "the averaged student"), (.teacherAuxiliary, "auxiliary heads"),
        ] {
            let found = try #require(rejection(of: Greedy(needs: needs)))
            #expect(found.contains("requests \(words), which changes nothing"))
        }
    }

    @Test func unlabelledPointsWithoutEffectAreRejected() throws {
        let found = try #require(rejection(of: Greedy(needs: .someLabels)))
        #expect(found.contains("the gradient without labels is 0"))
    }

    @Test func missingCrossTermsAreRejected() throws {
        #expect(try #require(rejection(of: WithinGradientOnly())).contains("gradient promises"))
    }
}

/// An objective with a mistake: what it does not get wrong is that of its base.
protocol Mutant: Objective {
    var base: any Objective { get }
}

extension Mutant {
    var needs: Needs { base.needs }
    var responds: Bool { base.responds }
    var description: String { "\(Self.name) of \(base)" }

    func taps(for pair: NetworkPair) throws -> TapDemand { try base.taps(for: pair) }

    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        try base.parameters(for: pair)
    }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try base.contribution(of: input)
    }

    func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution {
        try base.response(of: input, to: totals)
    }

    /// The totals of a mini-batch that is this micro-shard alone.
    func totals(ofOnly input: ObjectiveInput) throws -> Totals {
        let own = Totals(try base.contribution(of: input))
        guard base.responds else { return own }
        return Totals(own.whole, responses: try base.response(of: input, to: own))
    }
}

/// Takes its own contribution for the totals.
private struct OwnShardOnly: Mutant {
    static let name = "mutant.own-shard-only"
    let base: any Objective
    init(_ base: any Objective) { self.base = base }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try base.loss(of: input, given: self.totals(ofOnly: input))
    }
}

/// Takes its own contribution for the totals, and divides by the number of micro-shards.
private struct MeanOfShardMeans: Mutant {
    static let name = "mutant.mean-of-shard-means"
    let base: any Objective
    init(_ base: any Objective) { self.base = base }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        _ = try base.contribution(of: input)
        return Contribution(counts: [1])
    }

    func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution { .nothing }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try base.loss(of: input, given: self.totals(ofOnly: input))
            .scaled(by: Float(1 / (totals.whole.counts.first ?? 1)))
    }
}

/// The right value, half the gradient: what follows when each side of a symmetric affinity is
/// differentiated as though the other were constant.
struct HalfGradient: Mutant {
    static let name = "mutant.half-gradient"
    let base: any Objective
    init(_ base: any Objective) { self.base = base }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let share = try base.loss(of: input, given: totals)
        return .operation("half", share, value: share.detached) { dy in dy.scaled(by: 0.5) }
    }
}

/// The dense relation whose across part adds to the value and not to the gradient.
private struct WithinGradientOnly: Objective {
    static let name = "mutant.within-gradient-only"
    private let whole = DenseRelation()
    var needs: Needs { whole.needs }
    var description: String { "WithinGradientOnly()" }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try whole.contribution(of: input)
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let value = try whole.loss(of: input, given: totals).detached
        let counts = Totals(Contribution(counts: totals.whole.counts))
        let within = try DenseRelation(within: 1, across: 0).loss(of: input, given: counts)
        return .operation("within", within, value: value) { dy in dy }
    }
}

/// The cross-sample relation over all points, by the tape, with the other clouds' anchors as
/// constants.
private struct ConstantKeys: Objective {
    static let name = "mutant.constant-keys"
    let temperature: Double
    var needs: Needs { .teacherFeatures }
    var description: String { "ConstantKeys(temperature: \(temperature))" }

    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try CrossSampleRelation(temperature: temperature).contribution(of: input)
    }

    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let features = input.student.features.normalizedRows()
        let gathered = totals.whole.gathered
        let clouds = gathered.count / 2
        guard totals.whole.counts.isEmpty else { throw ObjectiveError("Other totals.") }
        var loss = features.scaled(by: 0).sum()
        for (place, range) in zip(input.cloudIDs, input.cloudRanges) where !range.isEmpty {
            let own = features.rows(range)
            for index in stride(from: 0, to: gathered.count, by: 2) {
                let keys = gathered[index].place == place ? own : gathered[index].tensor
                guard
                    let mine = stride(from: 0, to: gathered.count, by: 2).first(where: {
                        gathered[$0].place == place
                    })
                else { continue }
                let inverse = Float(1 / temperature)
                let student = own.matmul(keys, transposingOther: true).scaled(by: inverse)
                let teacher = gathered[mine + 1].tensor
                    .matmul(gathered[index + 1].tensor, transposingOther: true)
                    .scaled(by: inverse)
                let q = student.logSoftmax()
                let p = teacher.softmax()
                let logP = teacher.logSoftmax()
                let scale = Float(1 / Double(clouds * clouds * range.count))
                loss = loss + (p * (logP - q)).sum().scaled(by: scale)
            }
        }
        return loss
    }
}

/// Projected features whose projector is held constant.
private struct DeafProjector: Objective {
    static let name = "mutant.deaf-projector"
    private let base = ProjectedFeatures()
    var needs: Needs { base.needs }
    var description: String { "DeafProjector()" }
    func taps(for pair: NetworkPair) throws -> TapDemand { try base.taps(for: pair) }
    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] {
        try base.parameters(for: pair)
    }
    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try base.contribution(of: input)
    }
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        let own = input.parameters.detached
        let teacher = try input.teacher(for: self).features(at: base.tap)
        let gap =
            input.student.features(at: base.tap)
            .linear(own["projector.weight"], bias: own["projector.bias"]) - teacher
        let count = max(try totals.counts(1, for: self)[0], 1) * Double(teacher.columns)
        return (gap * gap).sum().scaled(by: Float(1 / count))
    }
}

/// Cross entropy with a parameter it has no use for.
private struct IdleParameter: Objective {
    static let name = "mutant.idle-parameter"
    var needs: Needs { .labels }
    var description: String { "IdleParameter()" }
    func parameters(for pair: NetworkPair) -> [ParameterSpecification] {
        [.init(name: "idle", shape: [3], role: .bias, initial: .constant(1))]
    }
    func contribution(of input: ObjectiveInput) throws -> Contribution {
        try CrossEntropy().contribution(of: input)
    }
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try CrossEntropy().loss(of: input, given: totals)
    }
}

/// Cross entropy that asks for more than it reads.
private struct Greedy: Objective {
    static let name = "mutant.greedy"
    let needs: Needs
    init(needs: Needs) { self.needs = [needs, .labels] }
    var description: String { "Greedy()" }
    func contribution(of input: ObjectiveInput) throws -> Contribution {
        if !needs.isDisjoint(with: .teacher) { _ = try input.teacher(for: self) }
        return try CrossEntropy().contribution(of: input)
    }
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try CrossEntropy().loss(of: input, given: totals)
    }
}
