package import Distillation
import Messages
import Telemetry
import Tensors
package import Training

/// Checks workers' results before any of them enters the run: sizes, finite numbers, and whether
/// steps, nodes and samples exist.
///
/// Whatever an admitted worker sends, nothing here traps and nothing is allocated beyond what was
/// received.
package struct ResultValidator: Sendable {
    private let shape: StepShape
    private let steps: Int
    private let bucketCounts: [Int]
    private let forms: Forms
    private let statistics: StatisticsLayout
    private let classes: Int
    /// Bytes of the longest message that a worker of the run sends.
    let longestMessage: Int

    /// The form of each term's contribution to an exchange of a step; without a step, the longest.
    package typealias Forms = @Sendable (_ round: Int, _ step: Int?) -> [ContributionForm]

    /// A validator of a run's results.
    ///
    /// - Parameters:
    ///   - steps: steps of the run.
    ///   - bucketCounts: values of each bucket of gradients.
    ///   - clouds: clouds of a mini-batch.
    ///   - statistics: the layout of normalisation statistics in messages.
    ///   - classes: classes of a confusion matrix.
    ///   - forms: the forms of contributions.
    package init(
        _ shape: StepShape, steps: Int, bucketCounts: [Int], clouds: Int,
        statistics: StatisticsLayout, classes: Int, forms: @escaping Forms
    ) {
        self.shape = shape
        self.steps = steps
        self.bucketCounts = bucketCounts
        self.forms = forms
        self.statistics = statistics
        self.classes = classes
        let payloads = [
            4 * (bucketCounts.max() ?? 0), 4 * statistics.count, 8 * classes * classes,
            (0..<shape.exchanges).reduce(0) { most, round in
                max(most, forms(round, nil).reduce(0) { $0 + $1.mostBytes(clouds: clouds) })
            },
        ]
        longestMessage = payloads.reduce(0, max) + Self.fieldBytes
    }

    // Reports have the most: a few numbers for each term and phase.
    private static let fieldBytes = 1 << 16

    /// A validator of a recipe's results.
    init(
        _ recipe: Recipe, _ shape: StepShape, _ objectives: ObjectivePlan, layout: BucketLayout,
        statistics: StatisticsLayout, classes: Int
    ) {
        self.init(
            shape, steps: recipe.steps,
            bucketCounts: layout.buckets.indices.map { layout.count(of: $0) },
            clouds: recipe.batch, statistics: statistics, classes: classes,
            forms: objectives.forms(round:at:))
    }

    /// The event that a message means to the machine; nil if it means none.
    ///
    /// Throws ``WorkerError`` or ``MessageError`` for results that no sound worker of this run sends.
    ///
    /// - Parameter current: the step at hand; the values of results of other steps, which are late,
    ///   are not looked at.
    package func event(
        of message: WireMessage, from worker: WorkerID, at current: Int
    ) throws -> CoordinatorMachine.Event? {
        switch message.message {
        case let fields as Messages.Contribution:
            let step = try step(fields.step)
            let round = Int(fields.round)
            let parts = try message.contributions(fields.terms)
            guard let node = fields.node.node(shards: shape.shards), round < shape.exchanges else {
                throw ResultViolation.unknownShards
            }
            let forms = forms(round, step)
            guard parts.count == forms.count, zip(forms, parts).allSatisfy({ $0.fits($1) }) else {
                throw ResultViolation.contribution
            }
            guard step != current || parts.allSatisfy(\.isFinite) else {
                throw ResultViolation.contributionNotFinite
            }
            return .contribution(worker, step: step, node: node, round: round, parts)
        case let fields as PartialSum:
            let step = try step(fields.step)
            let bucket = Int(fields.bucket)
            guard let node = fields.node.node(shards: shape.shards),
                bucket < bucketCounts.count,
                let gradient = shape.wire.unpacked(
                    Tensor(flat: message.payloads[0]), count: bucketCounts[bucket])
            else { throw ResultViolation.gradient }
            guard step != current || gradient.isFinite else {
                throw ResultViolation.gradientNotFinite
            }
            return .partial(worker, step: step, node: node, bucket: bucket, gradient)
        case let fields as NodeReport:
            let step = try step(fields.step)
            let packed = message.payloads.first.map { Tensor(flat: $0) }
            guard let node = fields.node.node(shards: shape.shards), packed?.isFinite ?? true,
                let moments = statistics.unpacked(packed ?? .zeros(rows: 1, columns: 0)),
                fields.values.count == ShardReport.count(terms: forms(0, step).count),
                fields.values.allSatisfy(\.isFinite),
                fields.values.suffix(2).allSatisfy({ (0...0x1p40).contains($0) })
            else { throw ResultViolation.report }
            return .report(
                worker, step: step, node: node,
                ShardReport(
                    values: fields.values, moments: moments,
                    times: ShardTimes(wire: fields.phases)))
        case let fields as EvaluationResult:
            guard Int(fields.classes) == classes else { throw ResultViolation.classes }
            let matrix = ConfusionMatrix(classes: classes, payload: message.payloads[0])
            // A cloud has fewer points, and sums of larger counts could overflow.
            guard matrix.counts.allSatisfy({ $0 < 1 << 32 }) else {
                throw ResultViolation.pointCount
            }
            return .evaluated(
                worker, version: try step(fields.weightsVersion),
                sample: Int(clamping: fields.sample), matrix)
        default: return nil
        }
    }

    private func step(_ number: UInt64) throws -> Int {
        guard number <= UInt64(steps) else {
            throw ResultViolation.unknownStep(number, of: steps)
        }
        return Int(number)
    }
}

/// Property of a result that no sound worker of the run sends.
enum ResultViolation: Error, CustomStringConvertible {
    case unknownStep(UInt64, of: Int)
    case unknownShards
    case contribution
    case contributionNotFinite
    case gradient
    case gradientNotFinite
    case report
    case classes
    case pointCount

    /// Whether a sound worker sends it if the training has diverged.
    var isDivergence: Bool {
        switch self {
        case .contributionNotFinite, .gradientNotFinite: true
        default: false
        }
    }

    var description: String {
        switch self {
        case .unknownStep(let step, let steps): "a result of step \(step) in a run of \(steps)"
        case .unknownShards: "a contribution of micro-shards that do not exist"
        case .contribution: "a contribution of other shapes than the recipe's objectives have"
        case .contributionNotFinite: "a contribution that is not finite"
        case .gradient: "a gradient of the wrong size"
        case .gradientNotFinite: "a gradient that is not finite"
        case .report: "a report of another recipe"
        case .classes: "a confusion matrix of other classes"
        case .pointCount: "a confusion matrix of more points than a cloud has"
        }
    }
}

extension Distillation.Contribution {
    /// Whether all its numbers are finite.
    var isFinite: Bool {
        counts.allSatisfy(\.isFinite) && tensors.allSatisfy(\.isFinite)
    }
}
