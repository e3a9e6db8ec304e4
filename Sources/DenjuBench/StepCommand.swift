public import ArgumentParser
import Foundation
import Reporting
public import Tensors
package import Training

struct StepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Times distillation steps through a real coordinator and real workers.",
        discussion: """
            Example: denju-bench step --workers 2

            The teacher is Point Transformer V3 as published (46.2 M parameters), the student has \
            2.3 M; four clouds of 20,000 points; cross-entropy, KL, relations within and across \
            clouds, AdamW. Prints one JSON object; times are medians over the steps, in seconds.
            """)

    @Option(name: .long, help: "Points of a cloud.")
    var points = 20_000
    @Option(name: .long, help: "Clouds of a mini-batch.")
    var batch = 4
    @Option(name: .long, help: "Worker processes.")
    var workers = 2
    @Option(name: .long, help: "Threads of each worker.")
    var threads = 1
    @Option(name: .long, help: "Points of an attention patch.")
    var patch = 128
    @Option(name: .long, help: "Steps that are timed.")
    var steps = 10
    @Option(name: .long, help: "Steps before that.")
    var warmUp = 3
    @Option(name: .long, help: "The teacher's preset, or none.")
    var teacher = "teacher-base"
    @Option(name: .long, help: "How the teacher's word comes: live, or auto for a knowledge pack.")
    var knowledge = Recipe.TeacherSettings.Knowledge.live
    @Option(name: .long, help: "How exact the teacher's products are: float32 or bfloat16.")
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
            shape.teacher = teacher == "none" ? nil : teacher
            shape.student = student
            shape.precision = precision
            guard knowledge != .pack else {
                throw UserError("--knowledge pack has nobody to make the pack: give live or auto.")
            }
            shape.keepsKnowledge = knowledge == .auto
            shape.scenes = 2 * batch
            let run = try StepTrial(shape, steps: steps, warmUp: warmUp)
            print(try StepReport(run).json)
        }
    }
}

extension Recipe.TeacherSettings.Knowledge: ExpressibleByArgument {}
extension ProductPrecision: ExpressibleByArgument {}
