import Distillation
import Messages
import Telemetry
import Tensors
import Training

/// Judges what workers send as results before any of it enters the run: right sizes, finite numbers,
/// steps, nodes and samples that there are.
///
/// Whatever an admitted worker sends, nothing here traps and nothing is allocated beyond what came.
struct ResultValidator {
    let recipe: Recipe
    let layout: BucketLayout
    let statistics: StatisticsLayout
    let classes: Int

    /// What a message says to the machine; nil if it says nothing to it.
    ///
    /// Throws ``WorkerError`` or ``MessageError`` for what no sound worker of this run sends.
    ///
    /// - Parameter current: the step at hand; results of others are late, and looked into no further.
    func event(
        of parcel: WireMessage, from worker: WorkerID, at current: Int
    ) throws -> CoordinatorMachine.Event? {
        switch parcel.message {
        case let message as Messages.Contribution:
            let step = try step(message.step)
            let parts = try parcel.contributions(message.terms)
            guard let node = message.node.node(shards: recipe.shards) else {
                throw WorkerError("a contribution of micro-shards that there are not")
            }
            if step == current {
                guard parts.allSatisfy({ $0.isFinite }) else {
                    throw WorkerError("a contribution that is not finite")
                }
            }
            return .contribution(worker, step: step, node: node, round: Int(message.round), parts)
        case let message as PartialSum:
            let step = try step(message.step)
            let bucket = Int(message.bucket)
            guard let node = message.node.node(shards: recipe.shards),
                bucket < layout.buckets.count,
                let gradient = recipe.wire.unpacked(
                    Tensor(flat: parcel.payloads[0]), count: layout.count(of: bucket)),
                gradient.isFinite
            else {
                throw WorkerError("a gradient of the wrong size, or one that is not finite")
            }
            return .partial(worker, step: step, node: node, bucket: bucket, gradient)
        case let message as NodeReport:
            let step = try step(message.step)
            let packed = parcel.payloads.first.map { Tensor(flat: $0) }
            guard let node = message.node.node(shards: recipe.shards), packed?.isFinite ?? true,
                let moments = statistics.unpacked(packed ?? .zeros(rows: 1, columns: 0)),
                message.values.count == ShardReport.count(terms: recipe.objectives.terms.count),
                message.values.allSatisfy(\.isFinite),
                message.values.suffix(2).allSatisfy({ (0...0x1p40).contains($0) })
            else { throw WorkerError("a report of another recipe") }
            return .report(
                worker, step: step, node: node,
                ShardReport(
                    values: message.values, moments: moments,
                    times: ShardTimes(wire: message.phases)))
        case let message as EvaluationResult:
            guard Int(message.classes) == classes else {
                throw WorkerError("a confusion matrix of other classes")
            }
            let matrix = ConfusionMatrix(classes: classes, payload: parcel.payloads[0])
            // More points than a cloud can have, and sums over them might not fit.
            guard matrix.counts.allSatisfy({ $0 < 1 << 32 }) else {
                throw WorkerError("a confusion matrix of more points than there are")
            }
            return .evaluated(
                worker, version: try step(message.weightsVersion),
                sample: Int(clamping: message.sample),
                matrix)
        default: return nil
        }
    }

    private func step(_ number: UInt64) throws -> Int {
        guard number <= UInt64(recipe.steps) else {
            throw WorkerError("a result of step \(number) in a run of \(recipe.steps)")
        }
        return Int(number)
    }
}

extension Distillation.Contribution {
    /// Whether every number in it is.
    fileprivate var isFinite: Bool {
        counts.allSatisfy(\.isFinite) && tensors.allSatisfy(\.isFinite)
    }
}
