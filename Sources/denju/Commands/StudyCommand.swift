import ArgumentParser
import Cluster
import Foundation
import Launching
import Reporting
import Studies
import Training

struct StudyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract: "Compares recipes with paired seeds and confidence intervals.",
        discussion: """
            Example: denju study Tests/Studies/streets.yaml --run studies/streets

            Every arm is trained with every seed. The arms of a seed share initial weights, order and \
            views, so that differences are due to the arm. After an interruption the same command \
            continues. Writes results.json, table.txt and figure.svg to the folder.
            """)

    @Argument(help: "The study's YAML file.", completion: .file())
    var study: String

    @Option(name: .customLong("run"), help: "The folder for runs and results.", completion: .file())
    var folder: String

    @Option(name: .long, help: "Concurrent runs; one per processor by default.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(name: .long, help: "Threads per run.")
    var threads = 1

    func run() throws {
        try reporting {
            try check(threads: threads)
            guard (1...1024).contains(jobs) else {
                throw UserError("--jobs is \(jobs): give 1 to 1024.")
            }
            let plan = try Study(yaml: TextFile.read(study, "study"), file: study)
            for note in plan.notes { printMessage(note) }
            let stop = StopRequest.onSignals()
            let runner = StudyRunner(study: plan, folder: folder, threads: threads, stop: stop)
            guard let result = try runner.run(jobs: jobs) else {
                printMessage("study: stopped; the same command continues it")
                throw ExitCode.stopped
            }
            try write(result)
            printSummary(result.table)
            printSummary(
                "\nDifferences are percentage points against “\(result.baseline)” over paired seeds, with "
                    + "95 % intervals. \(folder)/figure.svg shows them, \(folder)/results.json contains all results."
            )
        }
    }

    // The results are read again by `denju report`; an interrupted write must not replace them.
    private func write(_ result: StudyResult) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        try encoder.encode(result).write(
            to: URL(fileURLWithPath: folder + "/results.json"), options: .atomic)
        try "\(result.table)\n\n\(result.classTable)\n".write(
            toFile: folder + "/table.txt", atomically: true, encoding: .utf8)
        if let figure = StudyFigure(result) {
            try figure.svg.text.write(
                toFile: folder + "/figure.svg", atomically: true, encoding: .utf8)
        }
    }
}
