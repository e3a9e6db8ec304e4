import Foundation
import Reporting
import Telemetry
package import Training

extension StudyResult {
    /// A table of the arms and their differences.
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

    /// The arm's name, with the arm it is compared with unless that is the baseline.
    func title(of row: Comparison) -> String {
        guard let other = row.against, other != baseline else { return row.arm }
        return "\(row.arm) − \(other)"
    }

    /// A table of the arms' differences in each class, in points of IoU.
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
    /// The difference in percentage points: `+2.1 ± 0.8`.
    var points: String {
        String(format: "%+.1f", 100 * mean)
            + (halfWidth.map { String(format: " ± %.1f", 100 * $0) } ?? "")
    }
}
