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
        abstract: "Makes built-in scenes, or shows any source's: class histogram and coloured PLY.",
        discussion: """
            Examples:
              denju scenes streets --count 3 --output scenes
              denju scenes semantickitti --path /data/semantickitti --count 10
            """)

    @Argument(help: "The source: streets, rooms, or any other that recipes can name.")
    var source: String

    @Option(name: .long, help: "How many scenes.")
    var count = 1

    @Option(name: .long, help: "What generated scenes are drawn from.")
    var seed: UInt64 = 0

    @Option(name: .long, help: "Where a source's files lie.", completion: .file())
    var path: String?

    @Option(name: .long, help: "Which split.")
    var split = Split.training

    @Option(name: .long, help: "A setting of the source, as name=number; may be given again.")
    var option: [String] = []

    @Option(
        name: .long, help: "A folder for the scenes as coloured PLY; without it none are written.",
        completion: .file())
    var output: String?

    func run() throws {
        try reporting {
            guard count > 0 else { throw UserError("--count is \(count): give 1 or more.") }
            let opened = try SourceCatalogue.open(
                DataSettings(
                    source: source, path: path,
                    scenes: .init(training: count, validation: count, test: count), seed: seed,
                    options: SourceOption.numbers(option)), split: split)
            let many = min(count, opened.count)
            var summary = SourceSummary(classes: opened.classes, notes: opened.notes)
            let progress = ProgressDisplay("scenes", total: many, unit: "scene")
            for index in 0..<many {
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
            print(summary)
        }
    }
}
