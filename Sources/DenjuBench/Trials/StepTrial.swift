import Cluster
import Foundation
import Launching
import Networks
import Telemetry
import Tensors
import Training

/// A timed run with a coordinator and worker processes.
///
/// Networks have initial weights, on which the time does not depend.
struct StepTrial {
    let shape: TrialShape
    /// The measured steps, warm-up left out.
    let steps: [StepSummary]
    /// The last warm-up step, from which cumulative counts are measured.
    let before: StepSummary
    let parameters: (student: Int, teacher: Int)
    /// The peak memory of any worker, in bytes.
    let peakBytes: Int
    let losses: [Double]

    init(_ shape: TrialShape, steps: Int, warmUp: Int, showsProgress: Bool = true) throws {
        precondition(steps > 0 && warmUp > 0)
        self.shape = shape
        let denju = try Executable.beside("denju")
        let (trial, teacherParameters) = try withTemporaryFolder { folder in
            let teacher = try shape.teacher.map { try shape.storedTeacher($0, in: folder) }
            let recipe = try Recipe(
                yaml: shape.recipe(teacher: teacher?.path, steps: steps + warmUp),
                file: TrialShape.recipeName)
            let trial = try Trial(
                recipe,
                .init(
                    folder: folder, minimumWorkers: shape.workers, showsProgress: showsProgress)
            ) { server, stop in
                let pool = LocalWorkerPool(
                    executable: denju, endpoint: server.endpoint, workers: shape.workers,
                    threads: shape.threads, cache: folder + "/cache", logs: folder + "/run",
                    giveUp: { stop.fail($0) })
                pool.start()
                return pool
            }
            return (trial, teacher?.parameters ?? 0)
        }
        let all = trial.steps.map(\.summary)
        before = all[warmUp - 1]
        self.steps = Array(all[warmUp...])
        parameters = (trial.server.learner.network.parameterCount, teacherParameters)
        peakBytes = all.flatMap { $0.workers.map(\.memory.peakBytes) }.max() ?? 0
        losses = all.prefix(3).map(\.loss) + [all[all.count - 1].loss]
    }
}
