import Foundation
import Training

/// Builds the report of a study from its folder.
package struct StudyReportBuilder {
    let folder: String

    private static let results = "results.json"

    /// Whether a folder holds the results of a study.
    package static func hasResults(in folder: String) -> Bool {
        FileManager.default.fileExists(atPath: folder + "/" + results)
    }

    package init(folder: String) { self.folder = folder }

    /// Reads the results and gathers the report.
    package func report() throws -> StudyReport {
        let path = folder + "/" + Self.results
        guard
            let result = try? JSONDecoder().decode(
                StudyResult.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
        else {
            throw UserError(
                "\(path) cannot be read as the results of a study: run the study again.")
        }
        return StudyReport(
            title: result.study, seeds: result.seeds, baseline: result.baseline,
            teacher: result.teacher.map { score in
                .init(
                    name: "teacher", meanIoU: [score.mIoU], classes: score.classes,
                    parameters: score.parameters)
            }, arms: result.arms.map { arm($0, result) })
    }

    private func arm(_ row: StudyResult.Comparison, _ result: StudyResult) -> StudyReport.Arm {
        var sums: [String: (sum: Double, count: Int)] = [:]
        for (name, share) in row.scores.flatMap(\.classes) {
            sums[name, default: (0, 0)].sum += share
            sums[name, default: (0, 0)].count += 1
        }
        var arm = StudyReport.Arm(
            name: row.arm, meanIoU: row.scores.map(\.mIoU),
            classes: sums.mapValues { $0.sum / Double($0.count) },
            parameters: row.scores[0].parameters)
        arm.against = row.against
        arm.gapClosed = row.gapClosed
        if let mIoU = row.mIoU, let mAcc = row.mAcc, let allAcc = row.allAcc {
            arm.gains = (mIoU.shown(row.arm), mAcc.shown(row.arm), allAcc.shown(row.arm))
        }
        arm.classGains = row.classes.map { $0.value.shown($0.key) }
        // The recipes of other seeds differ only in the seed.
        arm.recipe = result.seeds.first.flatMap { seed in
            try? String(contentsOfFile: "\(folder)/\(row.arm)-seed\(seed).yaml", encoding: .utf8)
        }
        return arm
    }
}

extension PairedDifference {
    /// The difference in percentage points, with a name.
    fileprivate func shown(_ name: String) -> StudyReport.Difference {
        .init(
            name: name, differences: differences.map { 100 * $0 }, mean: 100 * mean,
            halfWidth: halfWidth.map { 100 * $0 })
    }
}
