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
        abstract: "Labels scans and writes the labels in the scans' own format.",
        discussion: """
            Examples:
              denju predict runs/student --output predictions
              denju predict runs/student --output predictions scan-1.bin scan-2.bin
              denju predict student.safetensors --output predictions --views 4 tile.laz

            Without scans it labels a split of the model's data. KITTI .bin become .label and a \
            coloured PLY, nuScenes .pcd.bin become _lidarseg.bin, LAS, LAZ, PLY and PCD are copied with \
            other classes and nothing else changed, anything else becomes .npy. Large scans are \
            labelled in tiles that overlap.
            """)

    @Argument(
        help: "A run's folder, a checkpoint, or a .safetensors file (without classes: --recipe).",
        completion: .file())
    var model: String

    @Argument(
        help: "Scans: .bin, .las, .laz, .ply, .pcd, .npz, .npy, folders of .npy.",
        completion: .file())
    var scans: [String] = []

    @Option(name: .long, help: "The folder to write to.", completion: .file())
    var output: String

    @Option(
        name: .long,
        help: "How named scans are read, as intensity-range=4095 or centre=1; may be given again.")
    var option: [String] = []

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: "Which split, where no scans are named.")
    var split = Split.validation

    @Option(name: .long, help: "Threads: a scan each, or several a scan where scans are fewer.")
    var threads = 1

    @OptionGroup var voting: VotingOptions

    @Flag(name: .long, help: "Also write NAME.probabilities.npy: points x classes.")
    var probabilities = false

    @Flag(name: .long, help: "Write a coloured PLY of every scan, not of KITTI's alone.")
    var coloured = false

    func run() throws {
        try reporting {
            try check(threads: threads)
            let stored = try StoredModel(model)
            for warning in stored.warnings { printMessage(warning) }
            let known = try ModelData(of: stored, data, split: split, needsScenes: scans.isEmpty)
            let segmenter = try Segmenter(
                network: stored.network, weights: stored.weights, card: known.card)
            let options = try voting.options(
                grid: known.card.grid, probabilities: probabilities)
            let named =
                scans.isEmpty ? nil : try NamedScans(scans, like: known.settingsOfScans(option))
            for note in named?.notes ?? [] { printMessage(note + ".") }
            guard let count = named?.count ?? known.source?.count else { return }
            let label = known.settings?.fields["label"]?.first
            let progress = ProgressDisplay("predicting", total: count, unit: "scan")
            let tiles = try parallel(count, threads: threads) {
                [coloured, output, palette = known.palette, source = known.source] index in
                let scene = try named?.scene(at: index) ?? source!.scene(at: index)
                let prediction = try segmenter.label(scene, options)
                let original = named?.file(of: index) ?? source?.file(of: index)
                let name = named?.name(of: index) ?? source!.name(of: index)
                let base = output + "/" + name
                try FileManager.default.createDirectory(
                    atPath: URL(fileURLWithPath: base).deletingLastPathComponent().path,
                    withIntermediateDirectories: true)
                let file = try PredictionFile.write(
                    prediction.labels.map { segmenter.card.number(of: $0) }, like: original,
                    label: label, to: base)
                if let probabilities = prediction.probabilities {
                    try NumPyWriter.write(probabilities, to: base + ".probabilities.npy")
                }
                if coloured || file.hasSuffix(".label") {
                    let path = file.hasSuffix(".ply") ? base + ".coloured.ply" : base + ".ply"
                    try PolygonFile.write(
                        scene, labels: prediction.labels, palette: palette, to: path)
                }
                progress.advance()
                return prediction.tiles
            }
            progress.finish()
            let most = tiles.max() ?? 1
            print(
                "\(count) scans labelled"
                    + (most > 1 ? ", in up to \(most) tiles each" : "") + ": \(output)")
        }
    }
}

/// How often and in what parts a scan is looked at.
struct VotingOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "Poses a scan is shown in, 1 to 8; the mean of the probabilities decides.")
    var views = 1

    @Option(
        name: .long, help: "Voxels of a tile at the most; larger scans are cut (default 500000).")
    var tile: Int?

    @Option(
        name: .long, help: "Metres around a tile that are looked at with it (default 40 voxels).")
    var margin: Float?

    @Flag(
        name: .long,
        help: "Count positions from each tile's own middle: for scans far larger than the model's.")
    var recentreTiles = false

    /// What they come to for a model of this grid.
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
