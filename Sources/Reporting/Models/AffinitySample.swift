import Foundation
import Pictures
import PointClouds
import Tensors

/// A selection of points whose affinities the report shows, sorted by class.
struct AffinitySample {
    /// The selected voxels' rows.
    let rows: [Int]
    /// The classes of the selected voxels.
    let runs: [AffinityFigure.Run]

    /// Selects about `limit` labelled voxels.
    ///
    /// A class's share grows with the square root of its size, so that small classes stay visible; its
    /// voxels are spread evenly over the voxel order.
    init(labels: [Int32], classes: Int, limit: Int = 180) {
        var members = [[Int]](repeating: [], count: classes)
        for (row, label) in labels.enumerated() where label >= 0 { members[Int(label)].append(row) }
        let roots = members.map { Double($0.count).squareRoot() }
        let sum = max(roots.reduce(0, +), 1)
        var rows: [Int] = []
        var runs: [AffinityFigure.Run] = []
        for (label, all) in members.enumerated() where !all.isEmpty {
            let share = Int((Double(limit) * roots[label] / sum).rounded())
            // At least three points: a class of one row would be invisible.
            let count = min(all.count, max(3, share))
            rows += (0..<count).map { all[$0 * all.count / count] }
            runs.append(.init(label: label, count: count))
        }
        self.rows = rows
        self.runs = runs
    }
}

extension Tensor {
    /// The cosines of selected rows with selected rows of another tensor, row by row.
    func cosines(_ own: [Int], with other: Tensor, _ others: [Int]) -> [Float] {
        let left = gatherRows(own.map { Int32($0) }).normalizedRows()
        let right = other.gatherRows(others.map { Int32($0) }).normalizedRows()
        return left.matmul(right, transposingOther: true).withValues { values in
            (0..<own.count * others.count).map { values[$0] }
        }
    }
}

/// A row of affinity figures: two models and their difference.
struct AffinityRow {
    let title: String
    let note: String

    /// The figures of teacher, student and difference, or of a single model.
    ///
    /// - Parameter values: the affinities of each model by name, the teacher's first.
    func figures(
        _ values: [(name: String, values: [Float])], rows: AffinitySample, columns: AffinitySample
    ) -> (title: String, note: String, figures: [AffinityFigure]) {
        var figures = values.map { name, values in
            AffinityFigure(name, rows: rows.runs, columns: columns.runs, values: values)
        }
        if values.count == 2 {
            figures.append(
                AffinityFigure(
                    "\(values[1].name) − \(values[0].name)", rows: rows.runs, columns: columns.runs,
                    values: zip(values[1].values, values[0].values).map { $0 - $1 },
                    range: -1...1, ramp: .differences))
        }
        return (title, note, figures)
    }
}
