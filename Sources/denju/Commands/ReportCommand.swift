import ArgumentParser
import Datasets
import Foundation
import Launching
import Reporting
import Telemetry

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes the report of a run or a study as one HTML file.",
        discussion: """
            Examples:
              denju report runs/distilled --alone runs/alone
              denju report runs/distilled --split test --output report.html
              denju report studies/first

            The report of a run shows curves, a comparison of the models, confusion and affinity \
            matrices, confidence, and scans in three dimensions. The report of a study shows the \
            differences with their intervals, overall and per class. The file is self-contained.
            """)

    @Argument(help: "A run's or a study's folder.", completion: .file())
    var folder: String

    @Option(
        name: .shortAndLong, help: "The file to write; by default report.html in the folder.",
        completion: .file())
    var output: String?

    @Option(
        name: .long, help: "A run of the same student without a teacher, for comparison.",
        completion: .file())
    var alone: String?

    @Option(
        name: .long, help: "The teacher, if it is not at the recipe's path.", completion: .file())
    var teacher: String?

    @Option(name: .long, help: "The split on which the models are measured.")
    var split = Split.validation

    @Option(name: .long, help: "The maximum number of scans of the split, spread evenly.")
    var scans = 64

    @Option(name: .long, help: "Threads, one scan each; latency is that of one thread.")
    var threads = 1

    func run() throws {
        try reporting {
            try check(threads: threads)
            guard scans > 0 else { throw UserError("--scans is \(scans): give 1 or more.") }
            let path = output ?? folder + "/report.html"
            if StudyReportBuilder.hasResults(in: folder) {
                return try write(StudyReportBuilder(folder: folder).report().html, to: path)
            }
            let builder = RunReportBuilder(
                run: folder, teacher: teacher, alone: alone, split: split, scans: scans,
                threads: threads)
            try write(builder.report().html, to: path)
        }
    }

    private func write(_ page: String, to path: String) throws {
        // Atomic: an interrupted command leaves no partial report under the final name.
        try Data(page.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        printSummary("\(path): \(Readable.bytes(page.utf8.count))")
    }
}
