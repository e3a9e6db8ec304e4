package import Cluster
import Datasets
import Foundation
import Launching
import Reporting
import Synchronization
import Telemetry
package import Training

/// Trains and measures a study's arms, several at a time, each run in a process of its own.
///
/// Completed work is kept: an interrupted run continues from its checkpoint, and a measured model is
/// measured again only after its recipe or the version of Denju has changed.
package struct StudyRunner: Sendable {
    let study: Study
    let folder: String
    let threads: Int
    let stop: StopRequest

    /// A stored score with the recipe and the version it belongs to.
    private struct Measured: Codable {
        var recipe: String
        var tool: String
        var score: Score
    }

    private var teacherFolder: String { folder + "/teacher" }

    package init(study: Study, folder: String, threads: Int, stop: StopRequest) {
        self.study = study
        self.folder = folder
        self.threads = threads
        self.stop = stop
    }

    /// Trains and measures all arms; nil if the study was asked to stop.
    package func run(jobs: Int) throws -> StudyResult? {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A second study in the folder would train the same runs.
        let lock = try RunLock(folder) { printMessage("study: \($0)") }
        defer { withExtendedLifetime(lock) {} }
        let teacher = try study.teacher.flatMap { recipe -> Score? in
            printMessage("study: the teacher")
            // No other run trains at the same time, so the teacher uses all processors.
            return try score(of: "teacher", recipe: recipe, threads: jobs * threads)
        }
        guard !stop.isAsked else { return nil }
        let tasks = study.seeds.flatMap { seed in study.arms.map { (arm: $0, seed: seed) } }
        let progress = ProgressDisplay("study", total: tasks.count, unit: "run")
        let scores = try parallel(tasks.count, threads: jobs) { index -> Score? in
            let (arm, seed) = tasks[index]
            let recipe = try study.recipe(
                of: arm, seed: seed, teacher: study.teacher == nil ? nil : teacherFolder)
            let name = "\(arm.name)-seed\(seed)"
            let score = try score(of: name, recipe: recipe, threads: threads)
            // A stopped study does not count the remaining runs as done.
            guard let score else { return nil }
            progress.print("\(name): mIoU \(percent(score.mIoU))")
            progress.advance()
            return score
        }
        progress.finish()
        let known = scores.compactMap { $0 }
        guard known.count == tasks.count else { return nil }
        let ofArm = Dictionary(grouping: tasks.indices) { tasks[$0].arm.name }
        return StudyResult(
            study, scores: ofArm.mapValues { $0.map { known[$0] } }, teacher: teacher)
    }

    /// The score of one model, which is trained if necessary; nil if the study was asked to stop.
    private func score(of name: String, recipe: String, threads: Int) throws -> Score? {
        guard !stop.isAsked else { return nil }
        let run = "\(folder)/\(name)"
        let kept = "\(run)/score.json"
        if let data = FileManager.default.contents(atPath: kept),
            let measured = try? JSONDecoder().decode(Measured.self, from: data),
            measured.recipe == recipe, measured.tool == Version.current
        {
            return measured.score
        }
        let file = "\(run).yaml"
        if let before = try? String(contentsOfFile: file, encoding: .utf8), before != recipe {
            // Checkpoints of another recipe cannot be continued.
            try? FileManager.default.removeItem(atPath: run)
        }
        try recipe.write(toFile: file, atomically: true, encoding: .utf8)
        try train(name, recipe: file, run: run, threads: threads)
        guard !stop.isAsked else { return nil }
        let score = try measure(run, name: name, threads: threads)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(Measured(recipe: recipe, tool: Version.current, score: score))
            .write(to: URL(fileURLWithPath: kept), options: .atomic)
        return score
    }

    private func train(_ name: String, recipe: String, run: String, threads: Int) throws {
        let log = "\(run).log"
        let process = Process.denju(
            [
                "train", "--recipe", recipe, "--run", run, "--workers", "1", "--threads",
                "\(threads)", "--resume", "--managed",
            ], log: log)
        let ended = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in ended.signal() }
        try process.begin()
        // Polled, since a stop request arrives from a signal and wakes no semaphore.
        while ended.wait(timeout: .now() + 0.2) == .timedOut, !stop.isAsked {}
        if process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        guard process.terminationStatus == 0 || stop.isAsked else {
            throw UserError("The run \(name) failed: the end of \(log) says why.")
        }
    }

    private func measure(_ run: String, name: String, threads: Int) throws -> Score {
        let model = try StoredModel(run)
        guard let recipe = model.recipe else {
            preconditionFailure("A model from a run's folder has a recipe.")
        }
        let loader = try ExampleLoader(
            recipe, source: SourceCatalogue.open(recipe.data, split: study.split))
        let evaluation = try Evaluation(
            of: model, name: name, loader: loader, threads: threads,
            excluding: recipe.validation.excluded + study.excluded, showsProgress: false)
        return evaluation.score
    }
}

extension Evaluation {
    /// The scores that a study compares.
    var score: Score {
        Score(
            mIoU: matrix.meanIntersectionOverUnion(excluding: excluded),
            mAcc: matrix.meanAccuracy(excluding: excluded), allAcc: matrix.overallAccuracy,
            classes: Dictionary(
                uniqueKeysWithValues: classes.enumerated().compactMap { label, name in
                    matrix.truePoints(of: label) > 0 && !excluded.contains(label)
                        ? matrix.intersectionOverUnion(of: label).map { (name, $0) } : nil
                }),
            parameters: parameters)
    }
}
