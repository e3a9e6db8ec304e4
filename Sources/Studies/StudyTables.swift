import Foundation
import Reporting
import Telemetry
package import Training

extension StudyResult {
    /// Each arm against the one it is compared with.
    package var table: String {
        var table = TextTable(
            ["arm", "mIoU", "Δ mIoU", "Δ mAcc", "Δ allAcc", "gap closed", "compression"])
        if let teacher {
            table.add(["teacher", percent(teacher.mIoU), "", "", "", "", ""])
        }
        for row in arms {
            let compression = teacher.map {
                String(format: "%.1fx", Double($0.parameters) / Double(row.scores[0].parameters))
            }
            table.add([
                title(of: row), percent(row.meanIoU),
                row.mIoU?.points ?? (row.arm == baseline ? "baseline" : ""),
                row.mAcc?.points ?? "", row.allAcc?.points ?? "",
                row.gapClosed.map { String(format: "%.0f %%", 100 * $0) } ?? "",
                compression ?? "",
            ])
        }
        return table.description
    }

    /// What an arm is called, and what it is compared with where that is not the baseline.
    func title(of row: Comparison) -> String {
        guard let other = row.against, other != baseline else { return row.arm }
        return "\(row.arm) − \(other)"
    }

    /// Each arm's difference in each class, in points of IoU.
    package var classTable: String {
        let compared = arms.filter { $0.mIoU != nil }
        let names = Set(compared.flatMap(\.classes.keys)).sorted()
        var table = TextTable([.init("class")] + compared.map { .init(title(of: $0)) })
        for name in names {
            table.add([name] + compared.map { $0.classes[name]?.points ?? "" })
        }
        return table.description
    }
}

extension PairedDifference {
    /// `+2.1 ± 0.8`, in points of a hundred.
    var points: String {
        String(format: "%+.1f", 100 * mean)
            + (halfWidth.map { String(format: " ± %.1f", 100 * $0) } ?? "")
    }
}
