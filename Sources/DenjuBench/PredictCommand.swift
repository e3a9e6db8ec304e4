import ArgumentParser
import Launching
import Networks
import OpenBLAS
import Reporting
import Telemetry
import Tensors
import Training

struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Times the prediction for one scan.",
        discussion: """
            Example: denju-bench predict --threads 2

            From points to labels: voxels, serialisation, neighbour maps, network, labels. The \
            student has 2.3 million parameters with initial weights, on which the time does not \
            depend.
            """)

    @Option(name: .long, help: "Points of the scan, one per voxel.")
    var points = 80_000
    @Option(name: .long, help: "Threads that share the scan.")
    var threads = 1
    @Option(name: .long, help: "Points per attention patch.")
    var patch = 128
    @Option(name: .long, help: "The student's preset.")
    var student = "peer-student"
    @Option(name: .long, help: "Timed passes.")
    var passes = 9
    @Option(name: .long, help: "Untimed passes before them.")
    var warmUp = 2

    private struct Seconds: Encodable {
        let voxels: Double
        let labels: Double
        let total: Double
    }

    private struct Report: Encodable {
        let points: Int
        let threads: Int
        let patch: Int
        let paramsStudent: Int
        let medianS: Seconds
        let minS: Seconds
        let maxrssGb: Double
        let fileMb: Double
        let blasCore: String
        let kernelWidth: Int
    }

    func run() throws {
        try reporting {
            try check(threads: threads)
            guard passes > 0, warmUp >= 0, points > 0 else {
                throw UserError(
                    "--points \(points) --passes \(passes) --warm-up \(warmUp): give numbers above 0."
                )
            }
            var shape = TrialShape()
            shape.points = points
            shape.patch = patch
            shape.student = student
            let scan = try TimedScan(shape)
            var voxels: [Double] = []
            let all = try ThreadTeam(threads: threads).working {
                try Timing(warmUp: warmUp, passes: passes) {
                    let start = ContinuousClock.now
                    let example = try scan.labeller.loader.wholeExample(of: scan.scene, id: 0)
                    voxels.append((ContinuousClock.now - start) / .seconds(1))
                    _ = try scan.labeller.labels(of: example)
                }
            }
            // The closure has recorded the warm-up passes too.
            voxels.removeFirst(warmUp)
            let labels = zip(all.seconds, voxels).map { $0 - $1 }
            let numerics = Numerics.fingerprint()
            let report = Report(
                points: points, threads: threads, patch: patch,
                paramsStudent: scan.labeller.network.parameterCount,
                medianS: Seconds(
                    voxels: voxels.median, labels: labels.median, total: all.median),
                minS: Seconds(
                    voxels: voxels.min() ?? 0, labels: labels.min() ?? 0, total: all.least),
                maxrssGb: Double(MemoryUse.ofThisProcess(buffers: 0).peakBytes) / Double(1 << 30),
                fileMb: Double(scan.fileBytes) * 1e-6, blasCore: numerics.coreName,
                kernelWidth: numerics.kernelWidth)
            print(try snakeCaseJSON(report))
        }
    }
}
