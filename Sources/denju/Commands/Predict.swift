import ArgumentParser
import Datasets
import Foundation
import PointClouds
import Telemetry
import Training

struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Labels scans and writes them as .label files and coloured PLY.",
        discussion: """
            Examples:
              denju predict runs/student --output predictions
              denju predict runs/student --output predictions scan-1.bin scan-2.bin

            Without scans it labels a split of the model's data. PLY opens in CloudCompare, \
            MeshLab and Blender; .label holds SemanticKITTI's raw classes where the model knows \
            them, else the class's number.
            """)

    @Argument(help: "A run's folder, a checkpoint, or a .safetensors file (this needs --recipe).")
    var model: String

    @Argument(help: "Scans as KITTI .bin files (x, y, z, intensity).")
    var scans: [String] = []

    @Option(name: .long, help: "The folder to write to.")
    var output: String

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: "Which split, where no scans are named.")
    var split = Split.validation

    @Option(name: .long, help: "Threads: a scan each, or several a scan where scans are fewer.")
    var threads = 1

    func run() throws {
        try reporting {
            try check(threads: threads)
            let stored = try StoredModel(model)
            for warning in stored.warnings { complain(warning) }
            let (loader, _) = try data.loader(for: stored, split: split)
            let source = loader.source
            let labeller = Labeller(
                network: stored.network, weights: stored.weights, loader: loader)
            let count = scans.isEmpty ? source.count : scans.count
            let progress = Progress("predicting", total: count, unit: "scan")
            _ = try parallel(count, threads: threads) { [scans, output] index in
                let scene: Cloud
                let name: String
                let id: UInt64
                if scans.isEmpty {
                    scene = try source.scene(at: index)
                    name = source.name(of: index)
                    id = source.sampleID(of: index)
                } else {
                    scene = try ScanFile.read(scans[index])
                    name =
                        URL(fileURLWithPath: scans[index]).deletingPathExtension().lastPathComponent
                    id = UInt64(index)
                }
                let labels = try labeller.labels(of: loader.wholeExample(of: scene, id: id))
                try Self.write(labels, of: scene, to: output + "/" + name, source: source)
                progress.advance()
            }
            progress.finish()
            print("\(count) scans labelled: \(output)")
        }
    }

    private static func write(
        _ labels: [Int32], of scene: Cloud, to path: String, source: any SceneSource
    ) throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        let map = ClassMap(ClassLists.semanticKITTI)
        if source.classes == map.classes {
            try LabelFile.write(labels, as: map, to: path + ".label")
        } else {
            try LabelFile.write(labels.map { UInt32(bitPattern: $0) }, to: path + ".label")
        }
        try PolygonFile.write(scene, labels: labels, palette: source.palette, to: path + ".ply")
    }
}
