import ArgumentParser
import Datasets
import Foundation
import Reporting
import Telemetry
import Training

struct DataSplitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "split",
        abstract: "Proposes splits that keep neighbouring frames and tiles together.",
        discussion: """
            Example: denju data split /data/tiles --validation 0.15 --test 0.1

            Prints lines for a recipe's data section and the distribution of the classes.
            """)

    @OptionGroup var dataset: DatasetOptions

    @Option(name: .long, help: "The share of points for validation.")
    var validation = 0.15

    @Option(name: .long, help: "The share of points for testing.")
    var test = 0.0

    func run() throws {
        try reporting {
            guard validation > 0, test >= 0, validation + test <= 0.9 else {
                throw UserError(
                    "--validation \(validation) and --test \(test) leave too little for training: "
                        + "give shares that sum to 0.9 or less, with a validation share above 0.")
            }
            let opened = try dataset.open()
            if let failure = (opened.failures + opened.splits.flatMap(\.source.faults)).first {
                throw UserError(failure)
            }
            let scenes = opened.scenes
            let progress = ProgressDisplay("reading", total: scenes.count, unit: "scene")
            let read = try parallel(scenes.count, threads: dataset.threads) { index in
                let (_, source, place) = scenes[index]
                defer { progress.advance() }
                return SplitProposal.Scene(
                    SceneReport(
                        try source.scene(at: place), name: source.name(of: place),
                        classes: source.classes.count),
                    recording: source.recording(of: place))
            }
            progress.finish()
            let proposal = try SplitProposal(
                read, shares: [.validation: validation, .test: test])
            print(Self.yaml(proposal))
            print("\n" + Self.table(proposal, classes: opened.splits[0].source.classes))
            if proposal.cutNeighbours > 0 {
                printMessage(
                    "\(proposal.cutNeighbours) recordings adjoin a recording of another split, since "
                        + "the survey has no gaps: leave out recordings at the border for an "
                        + "independent validation.")
            }
        }
    }

    private static func yaml(_ proposal: SplitProposal) -> String {
        var lines = ["  sequences:"]
        for split in Split.allCases {
            guard let names = proposal.sequences[split] else { continue }
            lines.append("    \(split.rawValue):")
            lines += names.map { "      - \"\($0)\"" }
        }
        return lines.joined(separator: "\n")
    }

    private static func table(_ proposal: SplitProposal, classes: [String]) -> String {
        let splits = Split.allCases.filter { proposal.sequences[$0] != nil }
        var table = TextTable(["class"] + splits.map { .init("\($0.rawValue), %") })
        let totals = splits.map { proposal.pointsOfClass[$0, default: []].reduce(0, +) }
        for (label, name) in classes.enumerated() {
            let counts = splits.map { proposal.pointsOfClass[$0, default: []][label] }
            guard counts.contains(where: { $0 > 0 }) else { continue }
            table.add(
                [name]
                    + zip(counts, totals).map {
                        String(format: "%.2f", 100 * Double($0) / Double(max($1, 1)))
                    })
        }
        let sum = max(totals.reduce(0, +), 1)
        table.add(
            ["all"]
                + totals.map { String(format: "%.1f of all", 100 * Double($0) / Double(sum)) })
        return table.description
    }
}
