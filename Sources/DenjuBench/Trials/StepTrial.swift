import Cluster
import Foundation
import Launching
import Networks
import Telemetry
import Tensors
import Training

/// A run that is only timed: a real coordinator, real workers, a folder that is removed afterwards.
///
/// Networks have their first weights: what is timed does not depend on what they have learnt.
struct StepTrial {
    let shape: TrialShape
    /// The measured steps, warm-up left out.
    let steps: [StepSummary]
    /// The last step before the measured ones: counts start from here.
    let before: StepSummary
    let parameters: (student: Int, teacher: Int)
    /// The most memory of any process of the run, in bytes.
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
