import Checkpoints
import Foundation
import Tensors
import Testing

/// The phases of a teacher: trained from random weights, trained further, extended by heads with a
/// frozen backbone, and used to train a student.
@Suite struct TeacherPhasesTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private static let data = """
        seed: 1
        data: {source: rooms, scenes: {training: 6, validation: 2}, options: {views: 2, columns: 18}}
        grid: 0.3
        points: 400
        batch: 3

        """

    private static let network = """
          stride: [2]
          enc_depths: [1, 1]
          enc_channels: [16, 32]
          enc_num_head: [1, 2]
          dec_depths: [1]
          dec_channels: [16]
          dec_num_head: [1]
          patch_size: 32
          order: [z, hilbert]

        """

    private func train(_ name: String, _ recipe: String, workers: Int = 2) throws {
        try folder.write(Self.data + recipe, to: name + ".yaml")
        let outcome = try folder.train(name + ".yaml", name, "--workers", "\(workers)")
        try folder.write(outcome.errors, to: name + ".log")
    }

    private func output(_ arguments: String...) throws -> String {
        let outcome = try Denju.run(arguments, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }

    /// The tensors of a run's exported model.
    private func weights(_ run: String) throws -> Weights {
        _ = try output("export", run, "--output", run + ".safetensors")
        return try SafetensorsFile(folder(run + ".safetensors")).weights()
    }

    @Test func teacherPhasesProduceStudentThatPredicts() throws {
        let features = "features: [position, height, colour: standard]\n"
        try train(
            "teacher",
            features + "student:\n" + Self.network
                + "objectives: [task.cross-entropy, task.lovasz]\nsteps: 4")
        try train(
            "continued",
            features + "student: {model: teacher}\nobjectives: [task.cross-entropy]\nsteps: 2")
        try train(
            "heads",
            features + "student: {model: continued}\ntrain: heads\nobjectives: [layered.heads]\n"
                + "steps: 3")
        try train(
            "student",
            """
            features: [position, height]
            student:
            \(Self.network.replacing("[16", with: "[8").replacing("32]\n  enc_num", with: "16]\n  enc_num"))
            teacher: {model: heads}
            objectives: [task.lovasz, layered.student]
            steps: 3
            """)

        // The second phase changes the weights; training the heads does not.
        let (first, second) = (try weights("teacher"), try weights("continued"))
        let (third, student) = (try weights("heads"), try weights("student"))
        #expect(first.map(\.name) == second.map(\.name))
        #expect(zip(first, second).contains { !$0.tensor.isBitIdentical(to: $1.tensor) })
        #expect(second.map(\.name) == third.map(\.name))
        #expect(zip(second, third).allSatisfy { $0.tensor.isBitIdentical(to: $1.tensor) })
        // The heads are in the teacher's checkpoint but not in exported files.
        #expect(try output("inspect", "heads").contains("auxiliary.enc1"))
        for name in third.map(\.name) + student.map(\.name) {
            #expect(!name.contains("auxiliary"))
        }

        // The compression is reported at the end of the run and by `denju evaluate`.
        let report = try folder.text("student.log")
        #expect(report.split(separator: "\n").last?.contains("compressed") == true, "\(report)")
        let log = try folder.text("student/steps.jsonl")
        #expect(log.contains(#""layered.student":"#))
        let table = try output("evaluate", "student", "heads", "--summary")
        let row = try #require(table.split(separator: "\n").first { $0.contains("student") })
        #expect(table.contains("compression"))
        #expect(row.split(separator: " ").contains { $0.hasSuffix("x") }, "\(table)")
        #expect(try output("predict", "student", "--output", "out").contains("2 scans labelled"))
        #expect(try folder.names(in: "out").count > 0)
    }

    @Test func headsAreEqualForAnyNumberOfWorkers() throws {
        let features = "features: [position, colour]\n"
        try train(
            "teacher",
            features + "student:\n" + Self.network + "objectives: [task.cross-entropy]\nsteps: 2")
        let recipe =
            features + "student: {model: teacher}\ntrain: heads\nobjectives: [layered.heads]\n"
            + "steps: 4"
        try train("one", recipe, workers: 1)
        try train("two", recipe, workers: 2)
        #expect(try folder.digest(of: "one") == folder.digest(of: "two"))
    }

    @Test func teacherWithoutHeadsIsRejectedInOneSentence() throws {
        try train(
            "teacher",
            "features: [position]\nstudent:\n" + Self.network
                + "objectives: [task.cross-entropy]\nsteps: 1")
        let student =
            "features: [position]\nstudent:\n" + Self.network + "teacher: {model: teacher}\n"
        for (objectives, train, parts) in [
            (
                "layered.student", "",
                ["recipe.yaml", "layered.student", "auxiliary heads", "train: heads"]
            ),
            (
                "task.cross-entropy", "train: heads\n",
                ["train is heads, but no objective has parameters to train"]
            ),
        ] {
            try folder.write(
                Self.data + student + train + "objectives: [\(objectives)]\nsteps: 1",
                to: "recipe.yaml")
            let outcome = try Denju.run(
                ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"], in: folder)
            expectOneSentence(outcome, saying: parts)
        }
    }
}
