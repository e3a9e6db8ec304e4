import ArgumentParser
import Cluster
import Foundation
import Glibc
import OpenBLAS
import Reporting
import Synchronization
import Telemetry
import Tensors
import Training
import ZeroMQ

struct RecoveryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Kills workers of a running distillation and measures the cost of each death.",
        discussion: """
            Example: denju-bench recovery
            Example: denju-bench recovery --workers 2 --batch 4

            The same steps run twice in alternation: undisturbed, and with a worker killed (SIGKILL) \
            at intervals, each time at another moment of the step; a new worker process replaces it. \
            Goodput is the undisturbed time divided by the disturbed time. It is computed for the \
            two runs, and, since the speed of a shared machine changes between runs, for each death \
            relative to the steps that follow it.

            The clouds and networks are those of `denju-bench step`: 20,000 points and a teacher of \
            46 M parameters. --small uses steps of some tens of milliseconds, compared with which \
            the start of a process is long. The cost of a death is split by the steps it prolongs, \
            relative to the median undisturbed step.
            """)

    @Option(name: .long, help: "Timed steps.")
    var steps = 60
    @Option(name: .long, help: "Steps between deaths.")
    var every = 20
    @Option(name: .long, help: "Worker processes with one thread each.")
    var workers = 4
    @Option(name: .long, help: "Standby worker processes.")
    var spares = 0
    @Option(name: .long, help: "Repetitions of both runs.")
    var rounds = 1
    @Option(name: .long, help: "Points per cloud with --small.")
    var points = 2000
    @Option(
        name: .long,
        help: "Clouds, and micro-shards, per mini-batch; by default 12, or 8 with --small.")
    var batch: Int?
    @Flag(name: .long, help: "Use small clouds and a small student without a teacher.")
    var small = false
    @Flag(name: .long, help: "Print one JSON object instead of a table.")
    var json = false

    private struct Report: Encodable {
        let steps: Int
        /// Micro-shards per step.
        let shards: Int
        let kills: Int
        /// Median seconds of an undisturbed step.
        let stepS: Double
        /// Median seconds of a micro-shard on one thread.
        let shardS: Double
        /// Median and maximum seconds from a death to the coordinator's event.
        let detectionS: Double
        let longestDetectionS: Double
        /// Median and maximum seconds by which the interrupted step exceeds the median step.
        let recoveryS: Double
        let longestRecoveryS: Double
        /// Median seconds from a death until another worker joined.
        let newcomerS: Double?
        /// Mean cost of a death in seconds: in the interrupted step, in the steps until the new worker
        /// was ready, in its first step, and in all later steps.
        let struckCostS: Double
        let shortCostS: Double
        let firstCostS: Double
        let laterCostS: Double
        let undisturbedS: Double
        let disturbedS: Double
        let goodput: Double
        /// Goodput from the cost of each death relative to the following steps; nil if those are too few.
        let goodputNearby: Double?
        let sameBits: Bool
        let blasCore: String
    }

    func run() throws {
        try reporting {
            guard steps > 0, every > 0, (1...64).contains(workers), (0...64).contains(spares),
                rounds > 0, points > 0, clouds > 0
            else {
                throw UserError(
                    "--steps \(steps) --every \(every) --workers \(workers) --rounds \(rounds) "
                        + "--points \(points) --batch \(clouds): give 1 or more of each, and "
                        + "--spares 0 or more.")
            }
            let (undisturbed, disturbed, shards) = try withTemporaryFolder { folder in
                let recipe = try recipe(in: folder)
                var undisturbed: [KillTrial] = []
                var disturbed: [KillTrial] = []
                // Alternating runs: the speed of a shared machine differs by 6 % between half minutes.
                for _ in 0..<rounds {
                    undisturbed.append(try trial(of: recipe, in: folder, every: nil))
                    disturbed.append(try trial(of: recipe, in: folder, every: every))
                }
                return (undisturbed, disturbed, recipe.shards)
            }
            let report = report(undisturbed, disturbed, shards: shards)
            print(json ? try snakeCaseJSON(report) : table(report))
        }
    }

    private func trial(of recipe: Recipe, in folder: String, every: Int?) throws -> KillTrial {
        try KillTrial(
            recipe, in: folder, workers: workers, spares: spares, warmUp: warmUp, every: every)
    }

    /// Clouds, and micro-shards, per mini-batch.
    private var clouds: Int { batch ?? (small ? 8 : 12) }

    /// Untimed steps before the timed ones.
    private var warmUp: Int { 5 }

    private func report(
        _ undisturbed: [KillTrial], _ disturbed: [KillTrial], shards: Int
    ) -> Report {
        let step = undisturbed.flatMap(\.seconds).median
        let deaths = disturbed.flatMap(\.deaths)
        let detections = deaths.map(\.detection)
        let recoveries = deaths.map { $0.step - step }
        func cost(_ part: (KillTrial.Death) -> [Double]) -> Double {
            let all = deaths.map { part($0).reduce(0) { $0 + $1 - step } }
            return all.reduce(0, +) / Double(max(all.count, 1))
        }
        let (undisturbedTime, disturbedTime) = (
            undisturbed.map(\.total).reduce(0, +), disturbed.map(\.total).reduce(0, +)
        )
        return Report(
            steps: steps * rounds, shards: shards, kills: deaths.count, stepS: step,
            shardS: undisturbed.flatMap(\.shardSeconds).median, detectionS: detections.median,
            longestDetectionS: detections.max() ?? 0, recoveryS: recoveries.median,
            longestRecoveryS: recoveries.max() ?? 0,
            newcomerS: deaths.isEmpty ? nil : deaths.compactMap(\.replacement).median,
            struckCostS: cost { [$0.step] }, shortCostS: cost(\.short), firstCostS: cost(\.first),
            laterCostS: cost(\.later), undisturbedS: undisturbedTime,
            disturbedS: disturbedTime, goodput: undisturbedTime / disturbedTime,
            goodputNearby: nearby(deaths),
            sameBits: Set((undisturbed + disturbed).map(\.checksum)).count == 1,
            blasCore: Numerics.fingerprint().coreName)
    }

    /// The time of `every` steps divided by that time plus the cost of a death.
    private func nearby(_ deaths: [KillTrial.Death]) -> Double? {
        let (costs, paces) = (deaths.compactMap(\.cost), deaths.compactMap(\.usual))
        guard !paces.isEmpty else { return nil }
        let cost = costs.reduce(0, +)
        let usual = paces.reduce(0, +) * Double(every)
        return usual / (usual + cost)
    }

    private func table(_ report: Report) -> String {
        func milliseconds(_ seconds: Double) -> String { String(format: "%.0f ms", 1000 * seconds) }
        var table = TextTable(["", "median", "maximum"])
        table.add(["step, undisturbed", milliseconds(report.stepS), ""])
        table.add(["micro-shard", milliseconds(report.shardS), ""])
        table.add([
            "from death to detection", milliseconds(report.detectionS),
            milliseconds(report.longestDetectionS),
        ])
        table.add([
            "delay of the interrupted step", milliseconds(report.recoveryS),
            milliseconds(report.longestRecoveryS),
        ])
        if let newcomer = report.newcomerS {
            table.add(["until another worker joins", milliseconds(newcomer), ""])
        }
        var costs = TextTable(["mean cost of a death", ""])
        costs.add(["interrupted step", milliseconds(report.struckCostS)])
        costs.add(["steps until the new worker is ready", milliseconds(report.shortCostS)])
        costs.add(["first step with the new worker", milliseconds(report.firstCostS)])
        costs.add(["all later steps", milliseconds(report.laterCostS)])
        return
            "\(workers) workers with one thread\(spares > 0 ? " and \(spares) standby workers" : ""), "
            + "\(report.shards) micro-shards per step, a worker killed every "
            + "\(every) steps: \(report.kills) deaths in \(report.steps) steps, OpenBLAS core "
            + "\(report.blasCore)\n\(table)\n\(costs)\n"
            + String(
                format: "goodput %.1f %% (%.1f s undisturbed, %.1f s with deaths), %@",
                100 * report.goodput, report.undisturbedS, report.disturbedS,
                report.sameBits ? "the same bits" : "DIFFERENT BITS")
            + (report.goodputNearby.map {
                String(
                    format: "\nrelative to the steps that follow each death: goodput %.1f %%",
                    100 * $0)
            } ?? "")
    }

    private func recipe(in folder: String) throws -> Recipe {
        let all = steps + warmUp
        guard !small else {
            return try Recipe(
                yaml: Self.recipe(points: points, batch: clouds, steps: all),
                file: TrialShape.recipeName)
        }
        var shape = TrialShape()
        shape.workers = workers
        shape.batch = clouds
        // Twice the mini-batch, so that no step repeats the scans of the previous one.
        shape.scenes = max(shape.scenes, 2 * clouds)
        let teacher = try shape.teacher.map { try shape.storedTeacher($0, in: folder).path }
        return try Recipe(
            yaml: shape.recipe(
                teacher: teacher, steps: all,
                data: TrialScenes.write(shape, to: folder + "/scenes")),
            file: TrialShape.recipeName)
    }

    private static func recipe(points: Int, batch: Int, steps: Int) -> String {
        """
        seed: 1
        data:
          source: streets
          scenes: {training: \(2 * batch), validation: 1}
          options: {beams: 32, azimuth-steps: 512, range: 40}
        grid: 0.15
        points: \(points)
        features: [position, intensity]
        student: {preset: tiny-student}
        objectives: [task.cross-entropy, task.lovasz]
        batch: \(batch)
        shard: 1
        steps: \(steps)
        checkpoints: {every: 1000000}
        """
    }
}
