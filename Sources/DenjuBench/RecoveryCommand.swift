import ArgumentParser
import Cluster
import Foundation
import Glibc
import Reporting
import Synchronization
import Telemetry
import Tensors
import Training
import ZeroMQ

struct RecoveryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Kills workers of a running distillation and measures what each death costs.",
        discussion: """
            Example: denju-bench recovery
            Example: denju-bench recovery --workers 2 --batch 4

            The same steps are taken twice in turns: undisturbed, and with a worker killed (SIGKILL) \
            every so many steps, at another moment of its step each time; another worker process takes \
            its place. Goodput is the time the steps take undisturbed over the time they took; of two \
            runs one after the other, and, as a machine that others use is at times faster than at \
            others, of each death beside the steps that follow it before the next.

            The clouds and networks are those of `denju-bench step`: 20,000 points, and a teacher of \
            46 M parameters. --small takes steps of some tens of milliseconds, beside which the start \
            of a process is long. What a death costs is split into what the steps take longer than \
            the undisturbed ones do in the median.
            """)

    @Option(name: .long, help: "Steps that are timed.")
    var steps = 60
    @Option(name: .long, help: "Steps from one death to the next.")
    var every = 20
    @Option(name: .long, help: "Worker processes of one thread each.")
    var workers = 4
    @Option(name: .long, help: "Worker processes kept ready beside them.")
    var spares = 0
    @Option(name: .long, help: "How often both runs are made.")
    var rounds = 1
    @Option(name: .long, help: "Points of a cloud of --small.")
    var points = 2000
    @Option(
        name: .long,
        help: "Clouds, and micro-shards, of a mini-batch; by default 12, or 8 of --small.")
    var batch: Int?
    @Flag(name: .long, help: "Small clouds, and a small student without a teacher.")
    var small = false
    @Flag(name: .long, help: "One JSON object instead of a table.")
    var json = false

    private struct Report: Encodable {
        let steps: Int
        /// Micro-shards of a step.
        let shards: Int
        let kills: Int
        /// A step that nobody disturbs, the median, seconds.
        let stepS: Double
        /// A micro-shard on one thread, the median, seconds.
        let shardS: Double
        /// From a death to the coordinator's word of it, median and most, seconds.
        let detectionS: Double
        let longestDetectionS: Double
        /// What the step in which a worker dies takes beyond the median, median and most, seconds.
        let recoveryS: Double
        let longestRecoveryS: Double
        /// From a death until another worker called, the median, seconds.
        let newcomerS: Double?
        /// What a death costs on average, seconds: of the step it fell into, of those until the
        /// newcomer was ready, of its first, and of all others.
        let struckCostS: Double
        let shortCostS: Double
        let firstCostS: Double
        let laterCostS: Double
        let undisturbedS: Double
        let disturbedS: Double
        let goodput: Double
        /// The same from what each death cost beside the steps that follow it; nil where those are few.
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
            let (calm, fired, shards) = try withTemporaryFolder { folder in
                let recipe = try recipe(in: folder)
                var calm: [KillTrial] = []
                var fired: [KillTrial] = []
                for _ in 0..<rounds {
                    calm.append(try trial(of: recipe, in: folder, every: nil))
                    fired.append(try trial(of: recipe, in: folder, every: every))
                }
                return (calm, fired, recipe.shards)
            }
            let report = report(calm, fired, shards: shards)
            print(json ? try snakeCaseJSON(report) : table(report))
        }
    }

    private func trial(of recipe: Recipe, in folder: String, every: Int?) throws -> KillTrial {
        try KillTrial(
            recipe, in: folder, workers: workers, spares: spares, warmUp: warmUp, every: every)
    }

    /// Clouds, and micro-shards, of a mini-batch.
    private var clouds: Int { batch ?? (small ? 8 : 12) }

    /// Steps before the timed ones.
    private var warmUp: Int { 5 }

    private func report(_ calm: [KillTrial], _ fired: [KillTrial], shards: Int) -> Report {
        let step = calm.flatMap(\.seconds).median
        let deaths = fired.flatMap(\.deaths)
        let detections = deaths.map(\.detection)
        let recoveries = deaths.map { $0.step - step }
        func cost(_ part: (KillTrial.Death) -> [Double]) -> Double {
            let all = deaths.map { part($0).reduce(0) { $0 + $1 - step } }
            return all.reduce(0, +) / Double(max(all.count, 1))
        }
        let (undisturbed, disturbed) = (
            calm.map(\.total).reduce(0, +), fired.map(\.total).reduce(0, +)
        )
        return Report(
            steps: steps * rounds, shards: shards, kills: deaths.count, stepS: step,
            shardS: calm.flatMap(\.shardSeconds).median, detectionS: detections.median,
            longestDetectionS: detections.max() ?? 0, recoveryS: recoveries.median,
            longestRecoveryS: recoveries.max() ?? 0,
            newcomerS: deaths.isEmpty ? nil : deaths.compactMap(\.newcomer).median,
            struckCostS: cost { [$0.step] }, shortCostS: cost(\.short), firstCostS: cost(\.first),
            laterCostS: cost(\.later), undisturbedS: undisturbed,
            disturbedS: disturbed, goodput: undisturbed / disturbed,
            goodputNearby: nearby(deaths),
            sameBits: Set((calm + fired).map(\.sum)).count == 1,
            blasCore: Numerics.fingerprint().coreName)
    }

    /// The time so many steps take over that and what a death among them costs.
    private func nearby(_ deaths: [KillTrial.Death]) -> Double? {
        let (costs, paces) = (deaths.compactMap(\.cost), deaths.compactMap(\.usual))
        guard !paces.isEmpty else { return nil }
        let cost = costs.reduce(0, +)
        let usual = paces.reduce(0, +) * Double(every)
        return usual / (usual + cost)
    }

    private func table(_ report: Report) -> String {
        func milliseconds(_ seconds: Double) -> String { String(format: "%.0f ms", 1000 * seconds) }
        var table = TextTable(["", "median", "most"])
        table.add(["step, undisturbed", milliseconds(report.stepS), ""])
        table.add(["micro-shard", milliseconds(report.shardS), ""])
        table.add([
            "from death to its detection", milliseconds(report.detectionS),
            milliseconds(report.longestDetectionS),
        ])
        table.add([
            "what the step takes longer", milliseconds(report.recoveryS),
            milliseconds(report.longestRecoveryS),
        ])
        if let newcomer = report.newcomerS {
            table.add(["until another worker calls", milliseconds(newcomer), ""])
        }
        var costs = TextTable(["what a death costs, on average", ""])
        costs.add(["the step it falls into", milliseconds(report.struckCostS)])
        costs.add(["steps until the newcomer is ready", milliseconds(report.shortCostS)])
        costs.add(["the first step shared with it", milliseconds(report.firstCostS)])
        costs.add(["all steps from then on", milliseconds(report.laterCostS)])
        return
            "\(workers) workers of one thread\(spares > 0 ? " and \(spares) spare" : ""), \(report.shards) micro-shards a step, a worker killed every "
            + "\(every) steps: \(report.kills) deaths in \(report.steps) steps, OpenBLAS core "
            + "\(report.blasCore)\n\(table)\n\(costs)\n"
            + String(
                format: "goodput %.1f %% (%.1f s undisturbed, %.1f s with deaths), %@",
                100 * report.goodput, report.undisturbedS, report.disturbedS,
                report.sameBits ? "the same bits" : "OTHER BITS")
            + (report.goodputNearby.map {
                String(
                    format: "\nbeside the steps that follow each death: goodput %.1f %%", 100 * $0)
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
