import Cluster
import Foundation
import Reporting
import Telemetry
import Tensors
import Training

/// What a timed run says: the keys of the PyTorch step's report, and some of our own.
struct StepReport: Encodable {
    /// Seconds of a step's parts; of the workers' parts, those of the slowest worker in the step.
    ///
    /// `exchange` is what of a step nobody computes in: waiting for totals, for weights, for the
    /// coordinator's optimiser and for the slower worker.
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
    /// The largest worker's peak.
    let peakGiB: Double
    /// Buffers asked of the system and pages faulted in by all workers, a step.
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

    init(_ run: StepTrial) {
        let steps = run.steps
        points = run.shape.points
        batch = run.shape.batch
        threads = run.shape.threads
        workers = run.shape.workers
        patch = run.shape.patch
        studentParameters = run.parameters.student
        teacherParameters = run.parameters.teacher
        self.steps = steps.count
        medians = Self.seconds(of: steps, threads: run.shape.threads) { $0.median }
        minima = Self.seconds(of: steps, threads: run.shape.threads) { $0.min() ?? 0 }
        let median = medians.total
        pointsPerSecond = Double(steps.reduce(0) { $0 + $1.points }) / Double(steps.count) / median
        peakGiB = Double(run.peakBytes) / Double(1 << 30)
        let last = steps[steps.count - 1]
        func growth(_ count: (StepSummary.Worker) -> Int) -> Double {
            let first = run.before.workers.reduce(0) { $0 + count($1) }
            return Double(last.workers.reduce(0) { $0 + count($1) } - first) / Double(steps.count)
        }
        buffersPerStep = growth { $0.memory.buffers }
        pageFaultsPerStep = growth { $0.memory.pageFaults }
        bytesUpPerStep = steps.reduce(0) { $0 + $1.bytes.up } / steps.count
        bytesDownPerStep = steps.reduce(0) { $0 + $1.bytes.down } / steps.count
        loss = run.losses
        let numerics = Numerics.fingerprint()
        blasCore = numerics.coreName
        kernelWidth = numerics.kernelWidth
    }

    var json: String {
        get throws { try snakeCaseJSON(self) }
    }

    /// The parts of a step that a worker computes in.
    private static let computing: [ShardPhase] = [
        .data, .teacher, .student, .contribution, .objectives, .backward,
    ]

    private static func seconds(
        of steps: [StepSummary], threads: Int, _ middle: ([Double]) -> Double
    ) -> Seconds {
        /// The time of phases on one of the slowest worker's threads.
        func busiest(_ step: StepSummary, _ phases: [ShardPhase]) -> Double {
            let workers = step.workers.map { worker in
                phases.reduce(0) { $0 + worker.times[$1] / .seconds(1) }
            }
            return (workers.max() ?? 0) / Double(threads)
        }
        func phase(_ phases: ShardPhase...) -> Double { middle(steps.map { busiest($0, phases) }) }
        return Seconds(
            data: phase(.data), teacherForward: phase(.teacher), studentForward: phase(.student),
            loss: phase(.contribution, .objectives), backward: phase(.backward),
            exchange: middle(steps.map { max(0, $0.seconds - busiest($0, computing)) }),
            optim: middle(steps.map(\.coordinatorSeconds)), total: middle(steps.map(\.seconds)))
    }
}
