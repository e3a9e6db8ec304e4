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
        abstract: "Compares recipes on equal terms: paired seeds, intervals, a table and a figure.",
        discussion: """
            Example: denju study Tests/Studies/streets.yaml --run studies/streets

            Every arm is trained with every seed; the arms of a seed share first weights, order and \
            views, so that what differs is the arm. Interrupted, the same command goes on. Writes \
            results.json, table.txt and figure.svg into the folder.
            """)

    @Argument(help: "The study, a YAML file.", completion: .file())
    var study: String

    @Option(name: .customLong("run"), help: "Where runs and results go.", completion: .file())
    var folder: String

    @Option(name: .long, help: "Runs at a time; by default one for each processor.")
    var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(name: .long, help: "Threads of each run.")
    var threads = 1

    func run() throws {
        try reporting {
            try check(threads: threads)
            guard (1...1024).contains(jobs) else {
                throw UserError("--jobs is \(jobs): give 1 to 1024.")
            }
            guard let text = try? String(contentsOfFile: study, encoding: .utf8) else {
                throw UserError("The study \(study) cannot be read: check the path.")
            }
            let plan = try Study(yaml: text, file: study)
            let stop = StopRequest.onSignals()
            let runner = StudyRunner(study: plan, folder: folder, threads: threads, stop: stop)
            guard let result = try runner.run(jobs: jobs) else {
                printMessage("study: stopped; the same command goes on")
                throw ExitCode.stopped
            }
            try write(result)
            print(result.table)
            print(
                "\nDifferences are points against “\(result.baseline)” over paired seeds, with "
                    + "95 % intervals. \(folder)/figure.svg shows them, \(folder)/results.json has all."
            )
        }
    }

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
