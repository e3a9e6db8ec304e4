import Cluster
import ClusterTesting
import Foundation
import Reporting
import Telemetry
import Tensors

/// What a load run showed.
struct LoadReport: Encodable {
    let workers: Int
    /// Relays between them and the coordinator.
    let relays: Int
    let shards: Int
    let studentParameters: Int
    let joinsPerS: Double
    let heartbeats: Int
    let lateHeartbeats: Int
    let longestSilenceS: Double
    /// Workers taken for dead, and workers that lost the coordinator.
    let lostWorkers: Int
    let stepS: Double
    /// What of a step the coordinator's thread spends adding up and updating.
    let coordinatorS: Double
    let messagesPerS: Double
    let messagesUpPerStep: Int
    let bytesUpPerStep: Int
    let bytesDownPerStep: Int
    let megabytesUpPerS: Double
    let megabytesDownPerS: Double
    /// Bytes of gradients taken in, checked and added up in a second of the thread's time.
    let reducedPerS: Double
    let copiedPerS: Double
    let reducedPerCopied: Double
    let peakBytes: Int
    /// What the coordinator's memory grew by as workers joined, for each.
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
        // The first worker of each process comes before its time; the middle four fifths tell.
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

    /// Whether there are enough bytes of gradients for the time they take to be theirs, and not that
    /// of messages as such.
    private var isTimed: Bool { studentParameters > 1 << 18 }

    static func table(_ rows: [LoadReport]) -> String {
        var table = TextTable([
            "student", "workers", "relays", "joins/s", "heartbeats", "late", "lost", "s/step",
            "messages/s",
            "messages up/step", "MB up/step", "MB/s up", "MB/s down", "reduce GB/s", "of copy",
            "peak MiB", "KiB a worker",
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
                row.isTimed ? String(format: "%.2f", 1e-9 * row.reducedPerS) : "",
                row.isTimed ? String(format: "%.2f", row.reducedPerCopied) : "",
                grouped(row.peakBytes >> 20),
                String(format: "%.1f", Double(row.bytesPerWorker) / 1024),
            ])
        }
        return "\(rows[0].shards) micro-shards a step; this machine copies "
            + String(format: "%.2f", 1e-9 * rows[rows.count - 1].copiedPerS)
            + " GB/s on a thread\n\(table)"
    }
}
