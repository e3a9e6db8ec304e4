import Foundation
import Networks
import Tensors
import Training

/// The size of a trial: mini-batch, networks, workers and threads.
struct TrialShape: Sendable {
    /// The name of a trial's recipe in errors.
    static let recipeName = "the recipe of the trial"

    var points = 20_000
    var batch = 4
    var workers = 2
    var threads = 1
    var patch = 128
    var classes = 13
    var teacher: String? = "teacher-base"
    var student = "peer-student"
    /// Whether the teacher's outputs are stored in a knowledge pack, which is complete after a pass.
    var keepsKnowledge = false
    var precision = ProductPrecision.float32
    var scenes = 8

    /// Writes a teacher with initial weights to a folder.
    func storedTeacher(
        _ preset: String, in folder: String
    ) throws -> (path: String, parameters: Int) {
        let path = folder + "/teacher.safetensors"
        let model = try StoredModel(untrained: network(preset), seed: 7, path: path)
        try Data(try model.safetensors()).write(to: URL(fileURLWithPath: path))
        return (path, model.network.parameterCount)
    }

    /// A preset's network with the shape's classes and patch size.
    func network(_ preset: String) throws -> NetworkRecipe {
        let text = """
            {"preset": "\(preset)", "in_channels": 6, "num_classes": \(classes), \
            "patch_size": \(patch)}
            """
        return try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
    }

    /// The recipe of a trial.
    ///
    /// - Parameters:
    ///   - teacher: the path of the teacher's weights.
    ///   - data: the recipe's `data` section; by default scenes are generated in memory before the
    ///     first step.
    func recipe(
        teacher: String? = nil, steps: Int = 1, data: String? = nil
    ) -> String {
        let taught =
            teacher.map { path in
                let knowledge = keepsKnowledge ? "auto" : "live"
                return """
                    teacher: {model: "\(path)", knowledge: \(knowledge), \
                    precision: \(precision.rawValue)}
                    objectives:
                      - task.cross-entropy
                      - semantic.soft-targets: {temperature: 4, weight: 1}
                      - relation.dense: 1
                    """
            } ?? "objectives: [task.cross-entropy]"
        // A room has a quarter of a million voxels of 2 cm; larger clouds need a finer grid.
        let grid = points > 200_000 ? 0.01 : 0.02
        let density = Swift.max(Double(points) * 4, 1000)
        // Scenes are ready before the first step: generating a room took 0.12 s of each micro-shard's
        // core, which reading a scan does not.
        let made = """
            data:
              source: boxes
              scenes: {training: \(scenes), validation: 1}
              options: {spacing: \(grid), points: \(Int(density)), ready: true}
            """
        return """
            seed: 1
            \(data ?? made)
            grid: \(grid)
            points: \(points)
            features: [position, colour]
            views: \(keepsKnowledge ? "{name: plain, count: 1}" : "plain")
            student: {preset: \(student), patch_size: \(patch)}
            \(taught)
            optimiser: {rate: 0.002, block-rate: 0.002, weight-decay: 0.05}
            batch: \(batch)
            shard: 1
            steps: \(steps)
            checkpoints: {every: 1000000}
            """
    }
}
