import Telemetry
import Tensors
import Training

/// How many workers a run can use before something else than computing decides how long a step
/// takes.
///
/// With W workers, each computing S/W of the S micro-shards of a step for t seconds apiece on each
/// of its threads, and sending and fetching m bytes through a coordinator that moves B bytes a
/// second each way:
///
///     computing  S t / W        moving  W m / B        they meet at  W = √(S t B / m)
///
/// Beyond that a step takes longer with every worker that joins. The same with the bytes a second
/// that the coordinator adds up in place of B says where its own processor binds. A worker whose
/// share does not fill one node of the tree sends more than m (up to the number of nodes its
/// micro-shards fall into), so the figure is the most there can be.
struct ScaleEstimate {
    /// Micro-shards a step.
    let shards: Int
    /// What one worker sends for a node, in bytes.
    let gradientBytes: Int
    /// What one worker fetches a step, in bytes.
    let weightsBytes: Int

    /// The number of workers beyond which moving bytes takes longer than computing.
    ///
    /// No more workers than micro-shards compute at once.
    func workers(bytes: Int, perSecond rate: Double, shardSeconds: Double) -> Int {
        let meet = (Double(shards) * shardSeconds * rate / Double(max(bytes, 1))).squareRoot()
        return max(1, Int(min(meet, Double(shards))))
    }

    /// What is known before anybody has computed.
    var beginning: String {
        let bytes = max(gradientBytes, weightsBytes)
        return "each worker sends \(Readable.bytes(gradientBytes)) and fetches "
            + "\(Readable.bytes(weightsBytes)) a step: "
            + "\(seconds(bytes, 125e6)) at 1 Gb/s, \(seconds(bytes, 1.25e9)) at 10 Gb/s"
    }

    /// What is known once micro-shards have been timed, and the adding up of their gradients.
    func measured(shardSeconds: Double, reducedPerSecond: Double) -> String {
        func limit(_ bytes: Int, _ rate: Double) -> String {
            let count = workers(bytes: bytes, perSecond: rate, shardSeconds: shardSeconds)
            return count >= shards ? "with no number of workers" : "above \(count) workers"
        }
        let bytes = max(gradientBytes, weightsBytes)
        let binds = [(bytes, 125e6), (bytes, 1.25e9), (gradientBytes, reducedPerSecond)].contains {
            workers(bytes: $0.0, perSecond: $0.1, shardSeconds: shardSeconds) < shards
        }
        return
            "a micro-shard takes \(Readable.number(shardSeconds)) s: with \(shards) of them a step "
            + "a network of 1 Gb/s binds \(limit(bytes, 125e6)), one of 10 Gb/s "
            + "\(limit(bytes, 1.25e9)), and this coordinator's adding up "
            + "\(limit(gradientBytes, reducedPerSecond)); more than \(shards) workers stand by"
            + (binds
                ? "; with relays (denju relay) these are numbers of relays, not of workers" : "")
    }

    private func seconds(_ bytes: Int, _ rate: Double) -> String {
        "\(Readable.number(Double(bytes) / rate)) s"
    }
}

extension ScaleEstimate {
    /// A run's estimate.
    init(_ run: Run) {
        let layout = run.learner.layout
        let values = layout.buckets.indices.map { layout.count(of: $0) }
        let statistics = run.learner.flatStatistics.count
        let versions = run.parts.averages == .steps ? 2 : 1
        self.init(
            shards: run.recipe.shards,
            gradientBytes: values.reduce(0) { $0 + run.recipe.wire.bytes(of: $1) },
            weightsBytes: 4 * versions * (values.reduce(0, +) + statistics))
    }
}

/// Gathers what a ``ScaleEstimate`` needs from a run's first steps.
struct ScaleSurvey {
    /// The first step warms caches up; the next two are taken.
    private static let steps = 3
    let estimate: ScaleEstimate
    private var seen = 0
    private var seconds = 0.0
    private var shards = 0

    init(_ estimate: ScaleEstimate) { self.estimate = estimate }

    /// Takes in a step; the sentence to be said after it, once.
    mutating func take(shardSeconds: Double, _ gradients: (bytes: Int, time: Duration)) -> String? {
        seen += 1
        guard (2...Self.steps).contains(seen) else { return nil }
        seconds += shardSeconds
        shards += estimate.shards
        guard seen == Self.steps, gradients.time > .zero else { return nil }
        return estimate.measured(
            shardSeconds: seconds / Double(shards),
            reducedPerSecond: Double(gradients.bytes) / gradients.time.seconds)
    }
}
