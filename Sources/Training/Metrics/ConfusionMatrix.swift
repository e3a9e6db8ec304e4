import Tensors

/// Counts of points by true and predicted class, and the metrics that follow from them.
package struct ConfusionMatrix: Sendable, Equatable {
    /// The number of classes.
    package let classes: Int
    /// Row: true class; column: predicted class.
    package private(set) var counts: [UInt64]

    /// A matrix of zeros.
    package init(classes: Int) {
        self.classes = classes
        counts = Array(repeating: 0, count: classes * classes)
    }

    /// The given counts, row by row.
    package init(classes: Int, counts: [UInt64]) {
        precondition(counts.count == classes * classes)
        self.classes = classes
        self.counts = counts
    }

    /// Counts points; points without a true label are not counted.
    package mutating func add(truth: [Int32], predicted: [Int32]) {
        precondition(
            truth.count == predicted.count, "\(truth.count) labels, \(predicted.count) predictions."
        )
        for (label, prediction) in zip(truth, predicted) where label >= 0 {
            counts[Int(label) * classes + Int(prediction)] += 1
        }
    }

    /// The sum of both.
    package static func + (a: ConfusionMatrix, b: ConfusionMatrix) -> ConfusionMatrix {
        ConfusionMatrix(classes: a.classes, counts: zip(a.counts, b.counts).map(&+))
    }

    /// Intersection over union of a class; nil if it neither occurs nor was predicted.
    package func intersectionOverUnion(of label: Int) -> Double? {
        let hit = counts[label * classes + label]
        let union = truePoints(of: label) + predictedPoints(of: label) - hit
        return union == 0 ? nil : Double(hit) / Double(union)
    }

    /// The share of a class's points that were predicted correctly; nil if it has none.
    package func accuracy(of label: Int) -> Double? {
        let points = truePoints(of: label)
        // A class that does not occur has no accuracy, and must not lower the mean.
        return points == 0 ? nil : Double(counts[label * classes + label]) / Double(points)
    }

    /// The number of points of a class.
    package func truePoints(of label: Int) -> UInt64 {
        (0..<classes).reduce(0) { $0 + counts[label * classes + $1] }
    }

    /// The number of points that were predicted as a class.
    package func predictedPoints(of label: Int) -> UInt64 {
        (0..<classes).reduce(0) { $0 + counts[$1 * classes + label] }
    }

    /// Mean intersection over union, over the classes that have points and are not excluded.
    package func meanIntersectionOverUnion(excluding: Set<Int> = []) -> Double {
        mean(over: scored(excluding)) { intersectionOverUnion(of: $0) ?? 0 }
    }

    /// Mean accuracy, over the classes that have points and are not excluded.
    package func meanAccuracy(excluding: Set<Int> = []) -> Double {
        mean(over: scored(excluding)) { accuracy(of: $0) ?? 0 }
    }

    /// The share of all counted points that were predicted correctly.
    package var overallAccuracy: Double {
        let total = counts.reduce(0, +)
        let hits = (0..<classes).reduce(UInt64(0)) { $0 + counts[$1 * classes + $1] }
        return total == 0 ? 0 : Double(hits) / Double(total)
    }

    private func scored(_ excluded: Set<Int>) -> [Int] {
        (0..<classes).filter { !excluded.contains($0) && truePoints(of: $0) > 0 }
    }

    private func mean(over classes: [Int], _ value: (Int) -> Double) -> Double {
        classes.isEmpty ? 0 : classes.reduce(0) { $0 + value($1) } / Double(classes.count)
    }
}
