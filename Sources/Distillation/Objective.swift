public import Tensors

/// What the student should want, as a scalar of a whole mini-batch.
///
/// A mini-batch is spread over micro-shards, and no micro-shard sees another's points. So an
/// objective speaks twice. First ``contribution(of:)`` says what the whole mini-batch must know of
/// this micro-shard: small tensors which are summed over all micro-shards in a fixed order, or
/// collected cloud by cloud. Then, with the ``Totals`` of all, ``loss(of:given:)`` gives this
/// micro-shard's share:
///
/// - the shares of all micro-shards add up to the loss of the mini-batch;
/// - the pullback of a share is the gradient of *the mini-batch's loss* by this micro-shard's
///   signals, through every path: also where its features stand inside another's share.
///
/// So gradients that are added up over the micro-shards are the gradient of the loss, exactly.
/// (Holding the others' features constant halves the gradient of a relation and keeps its
/// direction, which neither a cosine check nor Adam notices.)
/// `checkObjective` in NetworkTesting is the contract every objective passes.
public protocol Objective: Summand, CustomStringConvertible {
    /// The name under which recipes ask for it and logs report it: `relation.dense`.
    static var name: String { get }

    /// What it reads besides the student's signals.
    var needs: Needs { get }

    /// Whether it contributes anything; where no term does, the exchange is skipped.
    var exchanges: Bool { get }

    /// What the whole mini-batch must know of this micro-shard; constants, on no tape.
    func contribution(of lesson: Lesson) throws -> Contribution

    /// This micro-shard's share of the mini-batch's loss: 1 x 1, on the tape of the student.
    func loss(of lesson: Lesson, given totals: Totals) throws -> Tensor
}

extension Objective {
    /// By default an objective has something to say.
    public var exchanges: Bool { true }
    /// Where there is nothing to say.
    public func contribution(of lesson: Lesson) throws -> Contribution { .nothing }
    /// The objective alone, with weight 1.
    public var terms: [WeightedTerm] { [WeightedTerm(self, factor: nil)] }
}

/// What an objective reads besides the student's signals.
public struct Needs: OptionSet, Sendable {
    /// The bits of the set.
    public let rawValue: Int
    /// The set of the given bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Labels; points without one weigh nothing.
    public static let labels = Needs(rawValue: 1)
    /// The teacher's logits.
    public static let teacherLogits = Needs(rawValue: 2)
    /// The teacher's features at the tap.
    public static let teacherFeatures = Needs(rawValue: 4)
    /// Anything of the teacher's.
    public static let teacher: Needs = [.teacherLogits, .teacherFeatures]
}

/// Why an objective cannot be made or computed, in one sentence.
public struct ObjectiveError: Error, CustomStringConvertible, Equatable {
    /// What, where, what to do.
    public let description: String
    /// The given sentence.
    public init(_ description: String) { self.description = description }
}

extension Tensor {
    /// A share whose gradient by `input` was computed along with it; nil is zero.
    ///
    /// Backward: `d input = dy * gradient`.
    static func share(
        _ name: StaticString, of input: Tensor, value: Double, gradient: Tensor?
    ) -> Tensor {
        let (rows, columns) = (input.rows, input.columns)
        return .operation(name, input, value: Tensor(Float(value))) { dy in
            guard let gradient else { return Tensor(rows: rows, columns: columns, filledWith: 0) }
            return gradient.scaled(by: dy.scalar)
        }
    }
}
