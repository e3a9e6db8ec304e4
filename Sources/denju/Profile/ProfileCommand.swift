import ArgumentParser
import Datasets
import DenjuInference
import Foundation
import Networks
import OpenBLAS
import PointClouds
import Reporting
import Telemetry
import Tensors
import Training

struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "Profiles a model: parameters, operations, memory and milliseconds by stage.",
        discussion: """
            Examples:
              denju profile runs/student
              denju profile student.safetensors scan.bin --threads 1,2,4 --json

            Times are medians over passes, from points to labels, for one scan: the named one or the \
            first of the model's validation data. Peak memory is that of this process, with scan and \
            weights. The time of a neighbour map counts for the first part that uses it.
            """)

    @Argument(help: "A run's folder, a checkpoint, or a .safetensors file.", completion: .file())
    var model: String

    @Argument(help: "A scan in any supported format.", completion: .file())
    var scan: String?

    @OptionGroup var reading: ReadingArguments

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: "Numbers of threads to time, as 1,2,4.")
    var threads = "1"

    @Option(name: .long, help: "The number of timed passes, after one untimed pass.")
    var passes = 5

    @Flag(name: .long, help: "Print one JSON object.")
    var json = false

    func run() throws {
        try reporting {
            let counts = try threadCounts()
            guard (1...1000).contains(passes) else {
                throw UserError("--passes is \(passes): give 1 to 1000.")
            }
            let stored = try StoredModel(model)
            for warning in stored.warnings { printMessage(warning) }
            let network = stored.network
            let known = try ModelData(
                of: stored, data, split: .validation, needsScenes: scan == nil)
            try reading.check(isUsed: scan != nil)
            let named = try scan.map { try known.scans([$0], reading) }
            let cloud = try named?.scene(at: 0) ?? known.source!.scene(at: 0)
            for remark in named?.remarks ?? [] { printMessage(remark + ".") }
            guard cloud.count > 0 else {
                throw UserError(
                    "\(scan ?? known.source!.name(of: 0)) has no points: name a scan that has some."
                )
            }
            let weights = stored.weights.frozen(for: network)
            var times: [(threads: Int, times: PartTimes)] = []
            for count in counts {
                let measured = try ThreadTeam(threads: count).working {
                    // The first pass builds caches and buffers, which later passes reuse.
                    var warmUp = PartTimes()
                    try warmUp.run(cloud, network, weights, known.card)
                    var times = PartTimes()
                    for _ in 0..<passes { try times.run(cloud, network, weights, known.card) }
                    return times
                }
                times.append((count, measured))
            }
            let voxels = try VoxelCloud(cloud, gridSize: known.card.grid)
            let report = ProfileReport(
                model: model, points: cloud.count, voxels: voxels.count,
                costs: network.costs(
                    on: try network.geometry.hierarchy(
                        gridCoordinates: [voxels.gridCoordinates])), times: times)
            print(try json ? snakeCaseJSON(report) : report.description)
        }
    }

    private func threadCounts() throws -> [Int] {
        let counts = threads.split(separator: ",").map { Int($0) ?? 0 }
        guard !counts.isEmpty, counts.allSatisfy({ (1...1024).contains($0) }) else {
            throw UserError("--threads is \(threads): give numbers from 1 to 1024, as 1,2,4.")
        }
        return counts
    }
}

/// The profile of a model.
struct ProfileReport: Encodable, CustomStringConvertible {
    struct Part: Encodable {
        let name: String
        let parameters: Int
        let operations: Int
        /// The time for each number of threads.
        let milliseconds: [Double]
    }

    let model: String
    let points: Int
    let voxels: Int
    let parameters: Int
    let operations: Int
    let peakBytes: Int
    let blasCore: String
    let threads: [Int]
    /// The time of a scan for each number of threads.
    let milliseconds: [Double]
    let parts: [Part]

    init(
        model: String, points: Int, voxels: Int, costs: [PartCost],
        times: [(threads: Int, times: PartTimes)]
    ) {
        self.model = model
        self.points = points
        self.voxels = voxels
        parameters = costs.reduce(0) { $0 + $1.parameters }
        operations = costs.reduce(0) { $0 + $1.operations }
        peakBytes = MemoryUse.ofThisProcess(buffers: 0).peakBytes
        blasCore = Numerics.fingerprint().coreName
        threads = times.map(\.threads)
        milliseconds = times.map(\.times.total)
        let before = [PartTimes.voxels, PartTimes.curves].map { name in
            Part(
                name: name, parameters: 0, operations: 0,
                milliseconds: times.map { $0.times.milliseconds(of: name) })
        }
        parts =
            before
            + costs.map { cost in
                Part(
                    name: cost.name, parameters: cost.parameters, operations: cost.operations,
                    milliseconds: times.map { $0.times.milliseconds(of: cost.name) })
            }
    }

    var description: String {
        var table = TextTable(
            ["part", "parameters", "GFLOP"] + threads.map { TextTable.Column("ms, \($0) threads") })
        func row(_ name: String, _ parameters: Int, _ operations: Int, _ times: [Double]) {
            table.add(
                [
                    name, parameters == 0 ? "" : grouped(parameters),
                    operations == 0 ? "" : String(format: "%.3f", Double(operations) * 1e-9),
                ] + times.map { String(format: "%.2f", $0) })
        }
        for part in parts { row(part.name, part.parameters, part.operations, part.milliseconds) }
        row("all", parameters, operations, milliseconds)
        let peak = String(format: "%.2f", Double(peakBytes) / Double(1 << 30))
        return """
            \(table)
            \(grouped(points)) points in \(grouped(voxels)) voxels; peak memory \(peak) GB; \
            OpenBLAS core \(blasCore)
            """
    }
}
