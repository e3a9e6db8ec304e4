import Cluster
import Foundation
import Networks
import Synchronization
import Telemetry
import Tensors
import Training
import ZeroMQ

/// A run that is only timed: a real coordinator, real workers, a folder that is gone afterwards.
///
/// Networks have their first weights: what is timed does not depend on what they have learnt.
struct BenchRun {
    /// What the mini-batch is and how it is shared out.
    struct Shape: Sendable {
        var points = 20_000
        var batch = 4
        var workers = 2
        var threads = 1
        var patch = 128
        var classes = 13
        var teacher: String? = "teacher-base"
        var student = "peer-student"
        /// Whether a knowledge pack keeps what the teacher says: all of it after a pass.
        var keepsKnowledge = false
        var precision = ProductPrecision.float32
        var scenes = 8
    }

    let shape: Shape
    /// The measured steps, warm-up left out.
    let steps: [StepSummary]
    /// What the steps before the measured ones had left: counts start from here.
    let before: StepSummary
    let parameters: (student: Int, teacher: Int)
    /// The most memory of any process of the run, in bytes.
    let peakBytes: Int
    let losses: [Double]

    init(_ shape: Shape, steps: Int, warmUp: Int, showsProgress: Bool = true) throws {
        precondition(steps > 0 && warmUp > 0)
        self.shape = shape
        let folder =
            FileManager.default.temporaryDirectory.path
            + "/denju-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let teacher = try shape.teacher.map { try Self.teacher($0, shape, in: folder) }
        let recipe = try Recipe(
            yaml: Self.recipe(shape, teacher: teacher?.path, steps: steps + warmUp),
            file: "the recipe of the bench")
        let progress = Progress(
            "timing", total: steps + warmUp, unit: "step", isShown: showsProgress)
        let taken = Mutex<[StepSummary]>([])
        let stop = StopRequest.onSignals()
        let wire = try LocalWire()
        defer { wire.remove() }
        let server = try CoordinatorServer(
            recipe,
            CoordinatorSettings(
                endpoint: wire.endpoint, folder: folder + "/run",
                resume: false, allowRecipeChange: false, minimumWorkers: shape.workers,
                heartbeatTimeout: .seconds(30), admitsOtherNumerics: false, stopAfter: nil),
            stop: stop
        ) { event in
            guard case .step(let summary) = event else { return }
            taken.withLock { $0.append(summary) }
            progress.update(summary.step, note: String(format: "%.2f s", summary.seconds))
        }
        let crew = LocalCrew(
            endpoint: server.endpoint, workers: shape.workers, threads: shape.threads,
            cache: folder + "/cache", logs: folder + "/run", giveUp: { stop.fail($0) })
        crew.start()
        defer { crew.end() }
        _ = try server.serve()
        progress.finish()
        let all = taken.withLock { $0 }
        guard all.count == steps + warmUp else {
            throw UserError("The bench was stopped after \(all.count) steps.")
        }
        before = all[warmUp - 1]
        self.steps = Array(all[warmUp...])
        parameters = (server.learner.network.parameterCount, teacher?.parameters ?? 0)
        peakBytes = all.flatMap { $0.workers.map(\.memory.peakBytes) }.max() ?? 0
        losses = all.prefix(3).map(\.loss) + [all[all.count - 1].loss]
    }

    /// A teacher that has learnt nothing, in a folder.
    static func teacher(
        _ preset: String, _ shape: Shape, in folder: String
    ) throws -> (path: String, parameters: Int) {
        let path = folder + "/teacher.safetensors"
        let model = try StoredModel(untrained: network(preset, shape), seed: 7, path: path)
        try Data(try model.safetensors()).write(to: URL(fileURLWithPath: path))
        return (path, model.network.parameterCount)
    }

    /// A preset's network with the shape's classes and patches.
    static func network(_ preset: String, _ shape: Shape) throws -> NetworkRecipe {
        let text = """
            {"preset": "\(preset)", "in_channels": 6, "num_classes": \(shape.classes), \
            "patch_size": \(shape.patch)}
            """
        return try JSONDecoder().decode(NetworkRecipe.self, from: Data(text.utf8))
    }

    /// The recipe of a shape.
    ///
    /// - Parameters:
    ///   - teacher: the path of its weights.
    ///   - data: the section that says where scenes come from; by default they are made, and in
    ///     memory, before the first step.
    static func recipe(
        _ shape: Shape, teacher: String? = nil, steps: Int = 1, data: String? = nil
    ) -> String {
        let taught =
            teacher.map { path in
                let knowledge = shape.keepsKnowledge ? "auto" : "live"
                return """
                    teacher: {model: "\(path)", knowledge: \(knowledge), \
                    precision: \(shape.precision.rawValue)}
                    objectives:
                      - task.cross-entropy
                      - semantic.soft-targets: {temperature: 4, weight: 1}
                      - relation.dense: 1
                    """
            } ?? "objectives: [task.cross-entropy]"
        // A room has a quarter of a million voxels of two centimetres.
        let grid = shape.points > 200_000 ? 0.01 : 0.02
        let density = Swift.max(Double(shape.points) * 4, 1000)
        let made = """
            data:
              source: boxes
              scenes: {training: \(shape.scenes), validation: 1}
              options: {spacing: \(grid), points: \(Int(density)), ready: true}
            """
        return """
            seed: 1
            \(data ?? made)
            grid: \(grid)
            points: \(shape.points)
            features: [position, colour]
            views: \(shape.keepsKnowledge ? "{name: plain, count: 1}" : "plain")
            student: {preset: \(shape.student), patch_size: \(shape.patch)}
            \(taught)
            optimiser: {rate: 0.002, block-rate: 0.002, weight-decay: 0.05}
            batch: \(shape.batch)
            shard: 1
            steps: \(steps)
            checkpoints: {every: 1000000}
            """
    }
}
