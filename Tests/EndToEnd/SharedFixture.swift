import Foundation
import Testing

/// The input of many tests, created once: scans, a teacher, and the digest that every run of the same
/// recipe must reach.
struct SharedFixture: Sendable {
    /// The folder of scans, teacher and run.
    let folder: Folder
    /// The digest of ``distillation`` with one worker and one thread.
    let digest: String

    private static let shared = Result { try SharedFixture() }

    /// The fixture, created on first use.
    static func open() throws -> SharedFixture { try shared.get() }

    private init() throws {
        folder = try Folder()
        Leftovers.remove(folder.path)
        try Scans.write(training: 13, validation: 2, to: "scans", in: folder)
        let teacher = TinyRecipe(
            steps: 3, data: TinyRecipe.scans(at: folder("scans")), channels: [16, 32])
        try folder.write(teacher.yaml, to: "teacher.yaml")
        try folder.train("teacher.yaml", "teacher", "--workers", "1")
        let recipe = Self.distillation(in: folder)
        try folder.write(recipe.yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "run", "--workers", "1")
        digest = try folder.digest(of: "run")
    }

    /// Thirty steps with a teacher: soft targets, dense relations and relations across the mini-batch.
    var distillation: TinyRecipe { Self.distillation(in: folder) }

    private static func distillation(in folder: Folder) -> TinyRecipe {
        TinyRecipe(
            data: TinyRecipe.scans(at: folder("scans")), teacher: folder("teacher"),
            objectives: TinyRecipe.distilling, rest: "checkpoints: {every: 4}")
    }

    /// A student without a teacher on the same scans, for tests that do not depend on weights.
    func alone(steps: Int) -> TinyRecipe {
        TinyRecipe(
            steps: steps, data: TinyRecipe.scans(at: folder("scans")),
            rest: "checkpoints: {every: 2}")
    }
}

/// A folder that outlives every test and is removed when the process ends.
private enum Leftovers {
    nonisolated(unsafe) private static var path = ""

    static func remove(_ path: String) {
        unsafe Self.path = path
        atexit { try? FileManager.default.removeItem(atPath: unsafe Leftovers.path) }
    }
}

extension Folder {
    /// Trains to the end, with status 0.
    @discardableResult
    func train(
        _ recipe: String, _ run: String, _ more: String...
    ) throws -> Command.Outcome {
        let outcome = try Denju.run(["train", "--recipe", recipe, "--run", run] + more, in: self)
        guard outcome.status == 0 else {
            throw TestError("Training ended with \(outcome.status): \(outcome.errors)")
        }
        return outcome
    }

    /// The digest of weights and optimiser in a run's newest checkpoint.
    func digest(of run: String) throws -> String {
        let outcome = try Denju.run(["verify", "--digest", run], in: self)
        guard outcome.status == 0, outcome.output.count == 65 else {
            throw TestError("No digest was printed: \(outcome.errors)")
        }
        return String(outcome.output.dropLast())
    }

    /// The step records of a run.
    func steps(of run: String = "run") throws -> [StepLine] {
        guard has(run + "/steps.jsonl") else { return [] }
        // The last line may be half written.
        return try text(run + "/steps.jsonl").split(separator: "\n").compactMap {
            try? JSONDecoder().decode(StepLine.self, from: Data($0.utf8))
        }
    }

    /// Waits until a run has completed a step.
    func waitForStep(_ step: Int, of run: String = "run") throws {
        try wait("step \(step) of \(run)") { try steps(of: run).contains { $0.step >= step } }
    }
}

/// The fields that tests read from a line of `steps.jsonl`.
struct StepLine: Decodable {
    let step: Int
    let workers: Int
    let deaths: Int
    let joins: Int
    let reissued: Int
}
