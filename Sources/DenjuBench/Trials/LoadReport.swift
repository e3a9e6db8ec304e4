import Cluster
import ClusterTesting
import Foundation
import Reporting
import Telemetry
import Tensors

/// The results of a load trial.
struct LoadReport: Encodable {
    let workers: Int
    /// Relays between the workers and the coordinator.
    let relays: Int
    let shards: Int
    let studentParameters: Int
    let joinsPerS: Double
    let heartbeats: Int
    let lateHeartbeats: Int
    let longestSilenceS: Double
    /// Workers that timed out, and workers that lost the coordinator.
    let lostWorkers: Int
    let stepS: Double
    /// Seconds per step that the coordinator's thread spends on sums and updates.
    let coordinatorS: Double
    let messagesPerS: Double
    let messagesUpPerStep: Int
    let bytesUpPerStep: Int
    let bytesDownPerStep: Int
    let megabytesUpPerS: Double
    let megabytesDownPerS: Double
    /// Bytes of gradients received, validated and summed per second of the thread's time.
    let reducedPerS: Double
    let copiedPerS: Double
    let reducedPerCopied: Double
    let peakBytes: Int
    /// Growth of the coordinator's memory per joined worker.
    let bytesPerWorker: Int

    init(
        _ shape: LoadShape, parameters: Int, steps: [StepSummary],
        counts: [CoordinatorMachine.StepCounts], traffic: Traffic,
        joinTimes: [ContinuousClock.Instant], fleets: [WorkerFleet.Report],
        memory: (before: Int, joined: Int, peak: Int)
    ) {
        workers = shape.workers
        relays = shape.relays
        shards = shape.shards
        studentParameters = parameters
        // The first worker of each process joins alone, since its welcome brings the recipe; the
        // rate is that of the middle four fifths.
        let joins = joinTimes.sorted()
        let (first, last) = (joins.count / 10, joins.count * 9 / 10)
        let span = last > first ? (joins[last] - joins[first]) / .seconds(1) : 0
        joinsPerS = span > 0 ? Double(last - first) / span : 0
        heartbeats = traffic.heartbeats
        lateHeartbeats = traffic.lateHeartbeats
        longestSilenceS = traffic.longestSilence / .seconds(1)
        lostWorkers =
            counts.reduce(0) { $0 + $1.deaths }
            + (shape.workers - fleets.reduce(0) { $0 + $1.released })
        stepS = steps.map(\.seconds).median
        coordinatorS = steps.map(\.coordinatorSeconds).median
        let seconds = steps.reduce(0) { $0 + $1.seconds }
        let up = steps.reduce(0) { $0 + $1.bytes.up }
        let down = steps.reduce(0) { $0 + $1.bytes.down }
        let messages = steps.reduce(0) { $0 + $1.messages.up + $1.messages.down }
        messagesPerS = Double(messages) / seconds
        messagesUpPerStep = steps.reduce(0) { $0 + $1.messages.up } / steps.count
        bytesUpPerStep = up / steps.count
        bytesDownPerStep = down / steps.count
        megabytesUpPerS = 1e-6 * Double(up) / seconds
        megabytesDownPerS = 1e-6 * Double(down) / seconds
        reducedPerS =
            Double(traffic.gradients.bytes) / (traffic.gradients.time / .seconds(1))
        copiedPerS = ProcessorBounds.copyBandwidth()
        reducedPerCopied = reducedPerS / copiedPerS
        peakBytes = memory.peak
        bytesPerWorker = max(0, memory.joined - memory.before) / shape.workers
    }

    /// Whether the gradients are large enough for the reduction rate to be meaningful.
    ///
    /// For small gradients the time is that of messages as such.
    private var reductionIsMeaningful: Bool { studentParameters > 1 << 18 }

    static func table(_ rows: [LoadReport]) -> String {
        var table = TextTable([
            "student", "workers", "relays", "joins/s", "heartbeats", "late", "lost", "s/step",
            "messages/s",
            "messages up/step", "MB up/step", "MB/s up", "MB/s down", "reduce GB/s", "of copy",
            "peak MiB", "KiB per worker",
        ])
        for row in rows {
            table.add([
                Readable.count(row.studentParameters), grouped(row.workers), "\(row.relays)",
                row.relays == 0 ? grouped(Int(row.joinsPerS)) : "", grouped(row.heartbeats),
                "\(row.lateHeartbeats)",
                "\(row.lostWorkers)", String(format: "%.3f", row.stepS),
                grouped(Int(row.messagesPerS)), grouped(row.messagesUpPerStep),
                String(format: "%.1f", 1e-6 * Double(row.bytesUpPerStep)),
                grouped(Int(row.megabytesUpPerS)),
                grouped(Int(row.megabytesDownPerS)),
                row.reductionIsMeaningful ? String(format: "%.2f", 1e-9 * row.reducedPerS) : "",
                row.reductionIsMeaningful ? String(format: "%.2f", row.reducedPerCopied) : "",
                grouped(row.peakBytes >> 20),
                String(format: "%.1f", Double(row.bytesPerWorker) / 1024),
            ])
        }
        return "\(rows[0].shards) micro-shards per step; this machine copies "
            + String(format: "%.2f", 1e-9 * rows[rows.count - 1].copiedPerS)
            + " GB/s on one thread\n\(table)"
    }
}
