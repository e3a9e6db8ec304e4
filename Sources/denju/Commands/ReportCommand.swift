import ArgumentParser
import Datasets
import Foundation
import Launching
import Reporting
import Telemetry

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Writes what a run or a study was and what came of it as one HTML file.",
        discussion: """
            Examples:
              denju report runs/distilled --alone runs/alone
              denju report runs/distilled --split test --output report.html
              denju report studies/first

            Curves, models beside each other, confusion and affinity matrices, confidence, and the \
            scans in three dimensions; of a study the differences with their intervals, as a whole \
            and in each class. The file needs nothing from elsewhere.
            """)

    @Argument(help: "A run's folder, or a study's.", completion: .file())
    var folder: String

    @Option(
        name: .shortAndLong, help: "The file to write; report.html in the folder if not given.",
        completion: .file())
    var output: String?

    @Option(
        name: .long, help: "A run of the same student without a teacher, to compare with.",
        completion: .file())
    var alone: String?

    @Option(
        name: .long, help: "The teacher, if it is not where the recipe says.", completion: .file())
    var teacher: String?

    @Option(name: .long, help: "Which scans the models are measured on.")
    var split = Split.validation

    @Option(name: .long, help: "How many scans of the split, spread evenly.")
    var scans = 64

    @Option(name: .long, help: "Threads, a scan each; latency is told for one.")
    var threads = 1

    func run() throws {
        try reporting {
            try check(threads: threads)
            guard scans > 0 else { throw UserError("--scans is \(scans): give 1 or more.") }
            let path = output ?? folder + "/report.html"
            if StudyReportBuilder.hasResults(in: folder) {
                return try write(StudyReportBuilder(folder: folder).report().html, to: path)
            }
            let story = RunReportBuilder(
                run: folder, teacher: teacher, alone: alone, split: split, scans: scans,
                threads: threads)
            try write(story.report().html, to: path)
        }
    }

    private func write(_ page: String, to path: String) throws {
        try Data(page.utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        print("\(path): \(Readable.bytes(page.utf8.count))")
    }
}
