import ArgumentParser
import Datasets
import DenjuInference
import Formats
import Foundation
import Launching
import PointClouds
import Reporting
import Telemetry
import Tensors
import Training

struct PredictCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "predict",
        abstract: "Labels scans and writes the labels in the format of the scans.",
        discussion: """
            Examples:
              denju predict runs/student --output predictions
              denju predict runs/student --output predictions scan-1.bin scan-2.bin
              denju predict student.safetensors --output predictions --views 4 tile.laz

            Without scans it labels a split of the model's data. Labels of KITTI .bin files are \
            written as .label files with a coloured PLY, of nuScenes .pcd.bin files as _lidarseg.bin; \
            LAS, LAZ, PLY and PCD files are copied with new classes and no other change; other \
            formats yield .npy. A split of SemanticKITTI or nuScenes is written in the layout that its \
            benchmark takes, with the benchmark's numbers. Large scans are labelled in overlapping tiles.
            """)

    @Argument(
        help:
            "A run's folder, a checkpoint, or a .safetensors file (with --recipe if it has no classes).",
        completion: .file())
    var model: String

    @Argument(
        help: "Scans: .bin, .las, .laz, .ply, .pcd, .npz, .npy, folders of .npy.",
        completion: .file())
    var scans: [String] = []

    @Option(name: .long, help: "The folder to write to.", completion: .file())
    var output: String

    @OptionGroup var reading: ReadingArguments

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: "The split, if no scans are named.")
    var split = Split.validation

    @Option(
        name: .long, help: "Threads: one scan each, or several per scan if there are fewer scans.")
    var threads = 1

    @OptionGroup var voting: VotingOptions

    @Flag(name: .long, help: "Also write NAME.probabilities.npy: points x classes.")
    var probabilities = false

    @Flag(name: .long, help: "Write a coloured PLY of every scan, not only of KITTI's.")
    var coloured = false

    @Flag(
        name: .long,
        help: "Label the other scans if some cannot be read; the exit status is then 3.")
    var keepGoing = false

    func run() throws {
        try reporting {
            try check(threads: threads)
            try reading.check(isUsed: !scans.isEmpty)
            let stored = try StoredModel(model)
            for warning in stored.warnings { printMessage(warning) }
            let known = try ModelData(
                of: stored, data, split: split, needsScenes: scans.isEmpty, keepsGoing: keepGoing)
            let labeller = ScanLabeller(
                segmenter: try Segmenter(
                    network: stored.network, weights: stored.weights, card: known.card),
                options: try voting.options(
                    grid: known.card.grid, probabilities: probabilities),
                palette: known.palette, output: output, colours: coloured)
            let named =
                scans.isEmpty
                ? nil : try known.scans(scans, reading, keepsGoing: keepGoing)
            guard let count = named?.count ?? known.source?.count else { return }
            let progress = ProgressDisplay("predicting", total: count, unit: "scan")
            // A command is not Sendable, so that the closure captures the values it uses.
            let results = try parallel(count, threads: threads) {
                [keepGoing, source = known.source] index -> ScanLabeller.Outcome in
                defer { progress.advance() }
                do {
                    return try labeller.label(
                        named?.read(index) ?? source!.read(index),
                        of: named?.file(of: index) ?? source?.file(of: index),
                        name: named?.name(of: index) ?? source!.predictionPath(of: index))
                } catch {
                    guard keepGoing else { throw error }
                    return .failed("\(error)")
                }
            }
            progress.finish()
            if named == nil, let source = known.source { try labeller.complete(source) }
            for remark in named?.remarks ?? known.source?.remarks ?? [] {
                printMessage(remark + ".")
            }
            let failures = results.compactMap(\.failure)
            for failure in failures { printMessage(failure) }
            printSummary(ScanLabeller.summary(results, output: output))
            if !failures.isEmpty { throw ExitCode.incomplete }
        }
    }
}

/// The options for voting over poses and for tiles.
struct VotingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "Poses of each scan, 1 to 8, whose probabilities are averaged.")
    var views = 1

    @Option(
        name: .long,
        help: "The maximum number of voxels per tile; larger scans are split (default 500000).")
    var tile: Int?

    @Option(
        name: .long, help: "Metres of context around a tile (default 40 voxels).")
    var margin: Float?

    @Flag(
        name: .long,
        help: "Centre positions on each tile: for scans far larger than the training scans.")
    var recentreTiles = false

    /// The options for a model with this grid.
    func options(grid: Float, probabilities: Bool) throws -> Segmenter.Options {
        guard (1...8).contains(views) else {
            throw UserError("--views is \(views): give 1 to 8.")
        }
        if let tile, tile < 1000 { throw UserError("--tile is \(tile): give 1000 or more.") }
        if let margin, !(margin >= 0 && margin < 10_000) {
            throw UserError("--margin is \(margin): give metres from 0.")
        }
        var tiling = Tiling.standard(grid: grid)
        tiling.voxels = tile ?? tiling.voxels
        tiling.margin = margin ?? tiling.margin
        tiling.recentres = recentreTiles
        var options = Segmenter.Options()
        options.tiling = tiling
        options.views = views
        options.probabilities = probabilities
        return options
    }
}
