package import Networks
package import Tensors

/// Training objective: a scalar of a whole mini-batch that the student minimises.
///
/// A mini-batch is spread over micro-shards, and no micro-shard has the points of another. An objective
/// therefore has two phases. ``contribution(of:)`` returns statistics of this micro-shard: small tensors
/// that are summed over all micro-shards in a fixed order, or collected cloud by cloud. (Statistics that
/// depend on these sums are exchanged by ``response(of:to:)``.) ``loss(of:given:)`` then returns this
/// micro-shard's share of the loss, given the ``Totals``:
///
/// - the shares of all micro-shards add up to the loss of the mini-batch;
/// - the pullback of a share is the gradient of *the mini-batch's loss* by this micro-shard's
///   outputs, through every path: also where its features stand inside another's share.
///
/// The sum of the gradients over all micro-shards is therefore exactly the gradient of the loss.
/// (Treating features of other micro-shards as constants halves the gradient of a relation and keeps its
/// direction, which neither a cosine check nor Adam detects.)
///
/// Before the run, an objective declares the taps it reads (``taps(for:)``) and its parameters
/// (``parameters(for:)``). <doc:AddingAnObjective> shows an example. `checkObjective` in NetworkTesting
/// is the contract that every objective passes.
package protocol Objective: Summand, CustomStringConvertible {
    /// The name in recipes and logs: `relation.dense`.
    static var name: String { get }

    /// The inputs it reads besides the student's outputs.
    var needs: Needs { get }

    /// Whether it contributes statistics; if no term does, the exchange is skipped.
    var exchanges: Bool { get }

    /// Whether it responds to the totals; if no term does, there is no second exchange.
    var responds: Bool { get }

    /// The taps it reads besides the recipe's pair, which is always present.
    ///
    /// Called before the run begins. Throws one sentence if the networks lack a required tap.
    func taps(for pair: NetworkPair) throws -> TapDemand

    /// The objective's parameters: projectors, auxiliary heads.
    ///
    /// They are drawn from the run's seed, trained with the student and stored in checkpoints apart from
    /// it; they are not exported. The run prefixes their names (`projector.weight`) with `objectives.` and
    /// the term's name. Running statistics are refused, since batch statistics are contributions.
    func parameters(for pair: NetworkPair) throws -> [ParameterSpecification]

    /// The statistics of this micro-shard that the whole mini-batch needs; constants, on no tape.
    func contribution(of input: ObjectiveInput) throws -> Contribution

    /// The lengths of contribution and response, against which workers' messages are checked.
    ///
    /// Called before the run begins.
    func exchange(for pair: NetworkPair) throws -> ExchangeForm

    /// The statistics that depend on the summed contributions, such as moments about the mini-batch's
    /// mean; constants.
    ///
    /// The second exchange costs each step a round trip. Use it only where one sum does not suffice.
    func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution

    /// This micro-shard's share of the mini-batch's loss: 1 x 1, on the input's tape, computed from the
    /// student's outputs and the objective's parameters.
    func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor

    /// Numbers for the log, computed by the coordinator after a step from the mini-batch's totals and the
    /// objective's parameters before the update.
    ///
    /// Metrics that cost more than the optimiser's update should be computed at some steps only.
    func metrics(given totals: Totals, parameters: BoundParameters, step: Int) throws -> [Metric]
}

extension Objective {
    /// By default an objective contributes.
    package var exchanges: Bool { true }
    /// By default there is no second exchange.
    package var responds: Bool { false }
    /// By default the response is empty.
    package func response(of input: ObjectiveInput, to totals: Totals) throws -> Contribution {
        .nothing
    }
    /// By default the recipe's pair of taps suffices.
    package func taps(for pair: NetworkPair) throws -> TapDemand { .none }
    /// By default there are none.
    package func parameters(for pair: NetworkPair) throws -> [ParameterSpecification] { [] }
    /// By default the contribution is empty.
    package func contribution(of input: ObjectiveInput) throws -> Contribution { .nothing }
    /// By default contribution and response are empty.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .nothing }
    /// By default there are none.
    package func metrics(
        given totals: Totals, parameters: BoundParameters, step: Int
    ) throws -> [Metric] { [] }
    /// The objective alone, with weight 1.
    package var terms: [WeightedTerm] { [WeightedTerm(self, factor: nil)] }
}

/// Taps that an objective reads.
package struct TapDemand: Sendable, Equatable {
    /// The student's taps.
    package var student: [Tap]
    /// The teacher's taps.
    package var teacher: [Tap]

    /// The given taps.
    package init(student: [Tap] = [], teacher: [Tap] = []) {
        self.student = student
        self.teacher = teacher
    }

    /// No taps besides the recipe's pair.
    package static let none = TapDemand()
}

/// Inputs that an objective reads besides the student's outputs.
package struct Needs: OptionSet, Sendable {
    /// The bits of the set.
    package let rawValue: Int
    /// The set of the given bits.
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Labels; points without one do not count.
    package static let labels = Needs(rawValue: 1)
    /// The teacher's logits.
    package static let teacherLogits = Needs(rawValue: 2)
    /// The teacher's features at taps.
    package static let teacherFeatures = Needs(rawValue: 4)
    /// The scores of the teacher's stored auxiliary heads.
    package static let teacherAuxiliary = Needs(rawValue: 8)
    /// Labels where present; points without one count in other parts of the loss.
    package static let someLabels = Needs(rawValue: 16)
    /// A second, strong view of every cloud, for the student and, if present, the teacher.
    package static let strongView = Needs(rawValue: 32)
    /// Clouds turned by a drawn multiple of 90 degrees, and the number of quarter turns.
    package static let quarterTurns = Needs(rawValue: 64)
    /// The outputs of the student with the moving average of its weights.
    package static let average = Needs(rawValue: 128)
    /// Any output of the teacher.
    package static let teacher: Needs = [.teacherLogits, .teacherFeatures, .teacherAuxiliary]
}

/// Objective that cannot be created or computed: one sentence with the reason and the remedy.
package struct ObjectiveError: Error, CustomStringConvertible, Equatable {
    /// The sentence.
    package let description: String
    /// The given sentence.
    package init(_ description: String) { self.description = description }
}

extension Tensor {
    /// A share whose gradient by `input` was computed together with its value; nil is zero.
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
