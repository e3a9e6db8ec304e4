import ArgumentParser
import Datasets
import Formats
import Foundation
import PointClouds
import Reporting
import Telemetry

struct ScenesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scenes",
        abstract: "Generates or reads scenes: class histogram and coloured PLY files.",
        discussion: """
            Examples:
              denju scenes streets --count 3 --output scenes
              denju scenes semantickitti --path /data/semantickitti --count 10
            """)

    @Argument(help: "The source: streets, rooms, or any other source of recipes.")
    var source: String

    @Option(name: .long, help: "The number of scenes.")
    var count = 1

    @Option(name: .long, help: "The seed of generated scenes.")
    var seed: UInt64 = 0

    @Option(name: .long, help: "The folder of the source's files.", completion: .file())
    var path: String?

    @Option(name: .long, help: "The split: training, validation or test.")
    var split = Split.training

    @Option(name: .long, help: "A setting of the source, as name=number; repeatable.")
    var option: [String] = []

    @Option(
        name: .long,
        help: "A folder for the scenes as coloured PLY files; without it none are written.",
        completion: .file())
    var output: String?

    func run() throws {
        try reporting {
            guard count > 0 else { throw UserError("--count is \(count): give 1 or more.") }
            // Generated sources need the number of scenes before the first one is read.
            var settings = DataSettings(
                source: source, path: path,
                scenes: .init(training: count, validation: count, test: count), seed: seed,
                options: try SourceOption.numbers(option))
            settings.place = .command
            let opened = try SourceCatalogue.open(settings, split: split)
            let total = min(count, opened.count)
            var summary = SourceSummary(classes: opened.classes, notes: opened.notes)
            let progress = ProgressDisplay("scenes", total: total, unit: "scene")
            for index in 0..<total {
                let scene = try opened.scene(at: index)
                summary.add(scene)
                if let output {
                    let file = output + "/" + opened.name(of: index) + ".ply"
                    try FileManager.default.createDirectory(
                        atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
                        withIntermediateDirectories: true)
                    try PolygonFile.write(
                        scene, labels: scene.labels, palette: opened.palette, to: file)
                }
                progress.advance()
            }
            progress.finish()
            for remark in opened.remarks { printMessage(remark + ".") }
            print(summary)
        }
    }
}
