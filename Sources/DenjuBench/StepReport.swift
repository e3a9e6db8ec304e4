import Cluster
import Foundation
import OpenBLAS
import Reporting
import Telemetry
import Tensors
import Training

/// The report of a step trial: the keys of the PyTorch step's report, and further ones.
struct StepReport: Encodable {
    /// Seconds of a step's parts; the workers' parts are those of the slowest worker in the step.
    ///
    /// `exchange` is the time of a step in which the slowest worker does not compute: it waits for
    /// totals, for weights and for the coordinator's optimiser.
    struct Seconds: Encodable {
        var data: Double
        var teacherForward: Double
        var studentForward: Double
        var loss: Double
        var backward: Double
        var exchange: Double
        var optim: Double
        var total: Double

        enum CodingKeys: String, CodingKey {
            case data, loss, backward, exchange, optim, total
            case teacherForward = "teacher_fwd"
            case studentForward = "student_fwd"
        }
    }

    let points: Int
    let batch: Int
    let threads: Int
    let workers: Int
    let patch: Int
    let studentParameters: Int
    let teacherParameters: Int
    let steps: Int
    let medians: Seconds
    let minima: Seconds
    let pointsPerSecond: Double
    /// Peak memory of the largest worker.
    let peakGiB: Double
    /// System allocations and page faults of all workers per step.
    let buffersPerStep: Double
    let pageFaultsPerStep: Double
    let bytesUpPerStep: Int
    let bytesDownPerStep: Int
    let loss: [Double]
    let blasCore: String
    let kernelWidth: Int

    enum CodingKeys: String, CodingKey {
        case points, batch, threads, workers, patch, steps, loss
        case studentParameters = "params_student"
        case teacherParameters = "params_teacher"
        case medians = "median_s"
        case minima = "min_s"
        case pointsPerSecond = "points_per_s"
        case peakGiB = "maxrss_gb"
        case buffersPerStep = "buffers_per_step"
        case pageFaultsPerStep = "page_faults_per_step"
        case bytesUpPerStep = "bytes_up_per_step"
        case bytesDownPerStep = "bytes_down_per_step"
        case blasCore = "blas_core"
        case kernelWidth = "kernel_width"
    }

    init(_ trial: StepTrial) {
        let steps = trial.steps
        points = trial.shape.points
        batch = trial.shape.batch
        threads = trial.shape.threads
        workers = trial.shape.workers
        patch = trial.shape.patch
        studentParameters = trial.parameters.student
        teacherParameters = trial.parameters.teacher
        self.steps = steps.count
        medians = Self.seconds(of: steps, threads: trial.shape.threads) { $0.median }
        minima = Self.seconds(of: steps, threads: trial.shape.threads) { $0.min() ?? 0 }
        let median = medians.total
        pointsPerSecond = Double(steps.reduce(0) { $0 + $1.points }) / Double(steps.count) / median
        peakGiB = Double(trial.peakBytes) / Double(1 << 30)
        let last = steps[steps.count - 1]
        // Workers count from their start, so the warm-up is subtracted.
        func growth(_ count: (StepSummary.Worker) -> Int) -> Double {
            let first = trial.before.workers.reduce(0) { $0 + count($1) }
            return Double(last.workers.reduce(0) { $0 + count($1) } - first) / Double(steps.count)
        }
        buffersPerStep = growth { $0.memory.buffers }
        pageFaultsPerStep = growth { $0.memory.pageFaults }
        bytesUpPerStep = steps.reduce(0) { $0 + $1.bytes.up } / steps.count
        bytesDownPerStep = steps.reduce(0) { $0 + $1.bytes.down } / steps.count
        loss = trial.losses
        let numerics = Numerics.fingerprint()
        blasCore = numerics.coreName
        kernelWidth = numerics.kernelWidth
    }

    var json: String {
        get throws { try snakeCaseJSON(self) }
    }

    /// The phases in which a worker computes.
    private static let computing: [ShardPhase] = [
        .data, .teacher, .student, .contribution, .objectives, .backward,
    ]

    private static func seconds(
        of steps: [StepSummary], threads: Int, _ average: ([Double]) -> Double
    ) -> Seconds {
        /// The time of phases per thread of the slowest worker.
        func busiest(_ step: StepSummary, _ phases: [ShardPhase]) -> Double {
            let workers = step.workers.map { worker in
                phases.reduce(0) { $0 + worker.times[$1] / .seconds(1) }
            }
            // Phase times are sums over the worker's threads.
            return (workers.max() ?? 0) / Double(threads)
        }
        func phase(_ phases: ShardPhase...) -> Double { average(steps.map { busiest($0, phases) }) }
        return Seconds(
            data: phase(.data), teacherForward: phase(.teacher), studentForward: phase(.student),
            loss: phase(.contribution, .objectives), backward: phase(.backward),
            exchange: average(steps.map { max(0, $0.seconds - busiest($0, computing)) }),
            optim: average(steps.map(\.coordinatorSeconds)), total: average(steps.map(\.seconds)))
    }
}
