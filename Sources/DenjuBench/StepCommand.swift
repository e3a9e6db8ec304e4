public import ArgumentParser
import Foundation
import Reporting
public import Tensors
package import Training

struct StepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Times distillation steps with a coordinator and worker processes.",
        discussion: """
            Example: denju-bench step --workers 2

            The teacher is Point Transformer V3 as published (46.2 M parameters); the student has \
            2.3 M. A mini-batch has four clouds of 20,000 points; the objectives are cross-entropy, \
            KL and relations within and across clouds, the optimiser is AdamW. Prints one JSON \
            object; times are medians over the steps, in seconds.
            """)

    @Option(name: .long, help: "Points per cloud.")
    var points = 20_000
    @Option(name: .long, help: "Clouds per mini-batch.")
    var batch = 4
    @Option(name: .long, help: "Worker processes.")
    var workers = 2
    @Option(name: .long, help: "Threads per worker.")
    var threads = 1
    @Option(name: .long, help: "Points per attention patch.")
    var patch = 128
    @Option(name: .long, help: "Timed steps.")
    var steps = 10
    @Option(name: .long, help: "Untimed steps before them.")
    var warmUp = 3
    @Option(name: .long, help: "The teacher's preset, or none.")
    var teacher = "teacher-base"
    @Option(
        name: .long,
        help: "The source of the teacher's outputs: live, or auto for a knowledge pack.")
    var knowledge = Recipe.TeacherSettings.Knowledge.live
    @Option(name: .long, help: "The precision of the teacher's products: float32 or bfloat16.")
    var precision = ProductPrecision.float32
    @Option(name: .long, help: "The student's preset.")
    var student = "peer-student"

    func run() throws {
        try reporting {
            guard steps > 0, warmUp > 0 else {
                throw UserError("--steps \(steps) --warm-up \(warmUp): give 1 or more of each.")
            }
            var shape = TrialShape()
            shape.points = points
            shape.batch = batch
            shape.workers = workers
            shape.threads = threads
            shape.patch = patch
            // Without a teacher the step shows what the student alone costs.
            shape.teacher = teacher == "none" ? nil : teacher
            shape.student = student
            shape.precision = precision
            guard knowledge != .pack else {
                throw UserError("--knowledge pack requires an existing pack: give live or auto.")
            }
            shape.keepsKnowledge = knowledge == .auto
            // Twice the mini-batch, so that scans are read again and again but no step repeats the previous one.
            shape.scenes = 2 * batch
            let trial = try StepTrial(shape, steps: steps, warmUp: warmUp)
            print(try StepReport(trial).json)
        }
    }
}

extension Recipe.TeacherSettings.Knowledge: ExpressibleByArgument {}
extension ProductPrecision: ExpressibleByArgument {}
