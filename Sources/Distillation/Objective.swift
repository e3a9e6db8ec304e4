package import Networks
package import Tensors

/// What the student should want, as a scalar of a whole mini-batch.
///
/// A mini-batch is spread over micro-shards, and no micro-shard sees another's points. So an
/// objective speaks twice. First ``contribution(of:)`` says what the whole mini-batch must know of
/// this micro-shard: small tensors which are summed over all micro-shards in a fixed order, or
/// collected cloud by cloud. (Where the mini-batch must know something that itself depends on these
/// sums, ``response(of:to:)`` says it in a second exchange.) Then, with the ``Totals`` of all, ``loss(of:given:)`` gives this
/// micro-shard's share:
///
/// - the shares of all micro-shards add up to the loss of the mini-batch;
/// - the pullback of a share is the gradient of *the mini-batch's loss* by this micro-shard's
///   outputs, through every path: also where its features stand inside another's share.
///
/// So gradients that are added up over the micro-shards are the gradient of the loss, exactly.
/// (Holding the others' features constant halves the gradient of a relation and keeps its
/// direction, which neither a cosine check nor Adam notices.)
///
/// Beforehand it says what it needs of the two networks (``taps(for:)``) and which parameters it
/// brings of its own (``parameters(for:)``): <doc:AddingAnObjective> shows one that does both.
/// `checkObjective` in NetworkTesting is the contract every objective passes.
package protocol Objective: Summand, CustomStringConvertible {
    /// The name under which recipes ask for it and logs report it: `relation.dense`.
    static var name: String { get }

    /// What it reads besides the student's outputs.
    var needs: Needs { get }

    /// Whether it contributes anything; where no term does, the exchange is skipped.
    var exchanges: Bool { get }

    /// Whether it also responds to the totals; where no term does, there is no second exchange.
    var responds: Bool { get }

    /// The taps it reads besides the recipe's pair, which is always there.
    ///
    /// Throws one sentence if the networks do not have what it needs. Asked before the run begins.
    func taps(for pair: NetworkPair) throws -> TapDemand

    /// The parameters it brings: projectors, auxiliary heads.
    ///
    /// They are drawn from the run's seed, follow the optimiser and stand in checkpoints as the
    /// student's do, but apart from it; nobody sees them once training is over. Names are the
    /// objective's own business (`projector.weight`): the run puts `objectives.` and the term's name
    /// before them. Running statistics are refused: batch statistics are contributions.
    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification]

    /// What the whole mini-batch must know of this micro-shard; constants, on no tape.
    func contribution(of input: ObjectiveInput) throws -> Contribution

    /// What the whole mini-batch must know of this micro-shard besides, and can be told only once the
    /// contributions are added up: what depends on the mini-batch's mean, say; constants.
    ///
    /// A second exchange costs each step a round trip; do without where a sum will do.
    func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution

    /// This micro-shard's share of the mini-batch's loss: 1 x 1, on the input's tape, from the
    /// student's outputs and the objective's own parameters there.
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor

    /// Numbers about itself, worked out by the coordinator after a step: from what the mini-batch
    /// contributed, and from the objective's own parameters as the step found them.
    ///
    /// What costs more than the optimiser's update should be given at some steps only.
    func metrics(given totals: Totals, parameters: BoundParameters, step: Int) throws -> [Metric]
}

extension Objective {
    /// By default an objective has something to say.
    package var exchanges: Bool { true }
    /// By default it speaks once.
    package var responds: Bool { false }
    /// Where there is nothing more to say.
    package func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution {
        .nothing
    }
    /// By default the recipe's pair of taps is enough.
    package func taps(for pair: NetworkPair) throws -> TapDemand { .none }
    /// By default there are none.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] { [] }
    /// Where there is nothing to say.
    package func contribution(of input: ObjectiveInput) throws -> Contribution { .nothing }
    /// By default there are none.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] { [] }
    /// The objective alone, with weight 1.
    package var terms: [WeightedTerm] { [WeightedTerm(self, factor: nil)] }
}

/// Taps whose features an objective reads.
package struct TapDemand: Sendable, Equatable {
    /// The student's.
    package var student: [Tap]
    /// The teacher's.
    package var teacher: [Tap]

    /// The given taps.
    package init(student: [Tap] = [], teacher: [Tap] = []) {
        self.student = student
        self.teacher = teacher
    }

    /// Nothing but the recipe's pair.
    package static let none = TapDemand()
}

/// What an objective reads besides the student's outputs.
package struct Needs: OptionSet, Sendable {
    /// The bits of the set.
    package let rawValue: Int
    /// The set of the given bits.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Labels; points without one weigh nothing.
    package static let labels = Needs(rawValue: 1)
    /// The teacher's logits.
    package static let teacherLogits = Needs(rawValue: 2)
    /// The teacher's features at taps.
    package static let teacherFeatures = Needs(rawValue: 4)
    /// What the auxiliary heads say that the teacher was stored with.
    package static let teacherAuxiliary = Needs(rawValue: 8)
    /// Labels where there are any; points without one count as well, in other parts of the loss.
    package static let someLabels = Needs(rawValue: 16)
    /// A second, strong view of every cloud, for student and (if there is one) teacher.
    package static let strongView = Needs(rawValue: 32)
    /// Clouds turned by a drawn multiple of 90 degrees, and by how much.
    package static let quarterTurns = Needs(rawValue: 64)
    /// What the moving average of the student's weights says.
    package static let average = Needs(rawValue: 128)
    /// Anything of the teacher's.
    package static let teacher: Needs = [.teacherLogits, .teacherFeatures, .teacherAuxiliary]
}

/// Why an objective cannot be made or computed, in one sentence.
package struct ObjectiveError: Error, CustomStringConvertible, Equatable {
    /// What, where, what to do.
    package let description: String
    /// The given sentence.
    package init(_ description: String) { self.description = description }
}

extension Tensor {
    /// A share whose gradient by `input` was computed along with it; nil is zero.
    ///
    /// Backward: `d input = dy * gradient`.
    package static func share(
        _ name: StaticString, of input: Tensor, value: Double, gradient: Tensor?
    ) -> Tensor {
        let (rows, columns) = (input.rows, input.columns)
        return .operation(name, input, value: Tensor(Float(value))) { dy in
            guard let gradient else { return Tensor(rows: rows, columns: columns, filledWith: 0) }
            return gradient.scaled(by: dy.scalar)
        }
    }
}
