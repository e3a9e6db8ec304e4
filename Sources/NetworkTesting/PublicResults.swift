import Foundation
package import Tensors

/// The largest difference of two values, relative to the largest value where that is above 1.
package func scaledDifference(_ value: Tensor, _ reference: Tensor) -> Double {
    guard value.rows == reference.rows && value.columns == reference.columns else {
        return .infinity
    }
    let largest = reference.values.reduce(1) { max($0, $1.magnitude) }
    return zip(value.values, reference.values).reduce(0) {
        let offset = Double(($1.0 - $1.1).magnitude) / Double(largest)
        return offset > $0 || offset.isNaN ? offset : $0
    }
}

/// The mean cross entropy over labelled points, and its gradient by the scores.
package func crossEntropy(_ logits: Tensor, _ labels: [Int]) -> (loss: Double, gradient: Tensor) {
    let classes = logits.columns
    let scores = logits.values
    var slope = [Float](repeating: 0, count: scores.count)
    let labelled = Double(labels.count { $0 >= 0 })
    var loss = 0.0
    for (row, label) in labels.enumerated() where label >= 0 {
        let ofRow = scores[row * classes..<(row + 1) * classes].map { Double($0) }
        let largest = ofRow.max() ?? 0
        let sum = ofRow.reduce(0) { $0 + exp($1 - largest) }
        loss += (largest + log(sum) - ofRow[label]) / labelled
        for column in 0..<classes {
            let share = exp(ofRow[column] - largest) / sum
            slope[row * classes + column] = Float((share - (column == label ? 1 : 0)) / labelled)
        }
    }
    return (loss, Tensor(rows: logits.rows, columns: classes, slope))
}
