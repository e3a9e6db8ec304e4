import Telemetry
import Tensors
import Training

/// Estimate of the number of workers beyond which the network, or the coordinator, limits a run.
///
/// With W workers, each computing S/W of the S micro-shards of a step for t seconds apiece on each
/// of its threads, and sending and fetching m bytes through a coordinator that moves B bytes a
/// second each way:
///
///     computing  S t / W        moving  W m / B        equal at  W = √(S t B / m)
///
/// Beyond that a step takes longer with every worker that joins. With the bytes per second that the
/// coordinator reduces in place of B, the formula gives the limit of its processor. A worker whose
/// share does not fill one node of the tree sends more than m (up to the number of nodes its
/// micro-shards fall into), so the figure is an upper bound.
package struct ScaleEstimate: Sendable {
    /// Micro-shards per step.
    let shards: Int
    /// Bytes that a worker sends for a node.
    let gradientBytes: Int
    /// Bytes that a worker fetches per step.
    let weightsBytes: Int

    /// The number of workers beyond which moving bytes takes longer than computing.
    ///
    /// No more workers than micro-shards compute at once.
    func workers(bytes: Int, perSecond rate: Double, shardSeconds: Double) -> Int {
        let equal = (Double(shards) * shardSeconds * rate / Double(max(bytes, 1))).squareRoot()
        return max(1, Int(min(equal, Double(shards))))
    }

    /// The estimate before anything was measured.
    var beginning: String {
        let bytes = max(gradientBytes, weightsBytes)
        return "each worker sends \(Readable.bytes(gradientBytes)) and fetches "
            + "\(Readable.bytes(weightsBytes)) a step: "
            + "\(seconds(bytes, 125e6)) at 1 Gb/s, \(seconds(bytes, 1.25e9)) at 10 Gb/s"
    }

    /// The estimate from the measured times of micro-shards and of the reduction.
    func measured(shardSeconds: Double, reducedPerSecond: Double) -> String {
        let bytes = max(gradientBytes, weightsBytes)
        let limits = [
            ("A 1 Gb/s network", workers(bytes, 125e6, shardSeconds)),
            ("A 10 Gb/s network", workers(bytes, 1.25e9, shardSeconds)),
            ("The coordinator", workers(gradientBytes, reducedPerSecond, shardSeconds)),
        ].filter { $0.1 < shards }
        let sentences = limits.map { "\($0.0) limits this run above \($0.1) workers." }
        let time = "A micro-shard takes \(Readable.number(shardSeconds)) s."
        let most =
            "At most \(shards) workers compute at once (\(shards) micro-shards per step)."
        let remark =
            limits.isEmpty
            ? ["Neither a 1 Gb/s network nor the coordinator limits this run."]
            : sentences + ["With relays (denju relay) these are numbers of relays."]
        return ([time] + remark + [most]).joined(separator: " ")
    }

    private func workers(_ bytes: Int, _ rate: Double, _ shardSeconds: Double) -> Int {
        workers(bytes: bytes, perSecond: rate, shardSeconds: shardSeconds)
    }

    private func seconds(_ bytes: Int, _ rate: Double) -> String {
        "\(Readable.number(Double(bytes) / rate)) s"
    }
}

extension ScaleEstimate {
    /// The estimate of a run.
    init(_ recipe: Recipe, _ learner: Learner, _ parts: WeightsParts) {
        let values = learner.layout.buckets.indices.map { learner.layout.count(of: $0) }
        let versions = parts.averages == .steps ? 2 : 1
        self.init(
            shards: recipe.shards,
            gradientBytes: values.reduce(0) { $0 + recipe.wire.bytes(of: $1) },
            weightsBytes: 4 * versions * (values.reduce(0, +) + learner.flatStatistics.count))
    }
}

/// Measures a run's first steps for a ``ScaleEstimate``.
struct ScaleSurvey {
    // The first step fills caches and is not representative: the next two are measured.
    private static let steps = 3
    let estimate: ScaleEstimate
    private var stepCount = 0
    private var seconds = 0.0
    private var shards = 0

    init(_ estimate: ScaleEstimate) { self.estimate = estimate }

    /// Takes a step's measurements; returns the estimate after the last step measured.
    mutating func take(shardSeconds: Double, _ gradients: (bytes: Int, time: Duration)) -> String? {
        stepCount += 1
        guard (2...Self.steps).contains(stepCount) else { return nil }
        seconds += shardSeconds
        shards += estimate.shards
        guard stepCount == Self.steps, gradients.time > .zero else { return nil }
        return estimate.measured(
            shardSeconds: seconds / Double(shards),
            reducedPerSecond: Double(gradients.bytes) / gradients.time.seconds)
    }
}
