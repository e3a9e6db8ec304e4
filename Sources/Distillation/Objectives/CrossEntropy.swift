import Networks
import Settings
package import Tensors

/// Cross entropy with the labels, as a mean over the labelled points of the mini-batch.
///
/// With p = softmax(logits), class weights w and label smoothing s over K classes, as PyTorch
/// defines it:
///
///     L = Σ_n [ (1 - s) w_y (-log p_y) + (s / K) Σ_k w_k (-log p_k) ] / Σ_n w_y,   n labelled.
///
/// Forward and backward are O(n K). Contributes the denominator. Grade: exact (SRKD task loss).
package struct CrossEntropy: Objective {
    /// The name in recipes and logs: `task.cross-entropy`.
    package static let name = "task.cross-entropy"

    /// One weight per class; nil weighs all classes alike.
    package var classWeights: [Double]?
    /// The share of a label that is distributed over all classes: 0 ..< 1.
    package var labelSmoothing: Double

    /// Cross entropy with the labels.
    package init(classWeights: [Double]? = nil, labelSmoothing: Double = 0) {
        precondition(labelSmoothing >= 0 && labelSmoothing < 1, "Label smoothing is in 0 ..< 1.")
        self.classWeights = classWeights
        self.labelSmoothing = labelSmoothing
    }

    /// Labels.
    package var needs: Needs { .labels }

    /// The Swift expression that makes it: `CrossEntropy()`.
    package var description: String {
        formula(
            of: Self.self,
            [
                classWeights.map { ("classWeights", "[\($0.map(short).joined(separator: ", "))]") },
                labelSmoothing == 0 ? nil : ("labelSmoothing", short(labelSmoothing)),
            ])
    }

    /// One count.
    package func exchange(for pair: NetworkPair) throws -> ExchangeForm { .counts(1) }

    /// One count: the sum of the weights of the labelled points.
    package func contribution(of input: ObjectiveInput) throws -> Contribution {
        try input.checkLabels(for: self)
        let weights = try weights(input.classes)
        var total = 0.0
        for label in input.labels where label >= 0 { total += weights[Int(label)] }
        return Contribution(counts: [total])
    }

    /// This micro-shard's points' share of the mean.
    package func loss(of input: ObjectiveInput, given totals: Totals) throws -> Tensor {
        try input.checkLabels(for: self)
        let total = try totals.counts(1, for: self)[0]
        let logits = input.student.logits
        // A mini-batch without labels has no mean; its loss is 0, not NaN.
        guard total > 0 else {
            return .share("cross entropy", of: logits, value: 0, gradient: nil)
        }
        let (value, gradient) = logits.labelCost(
            input.labels, weights: try weights(input.classes), smoothing: labelSmoothing,
            scale: 1 / total)
        return .share("cross entropy", of: logits, value: value, gradient: gradient)
    }

    private func weights(_ classes: Int) throws -> [Double] {
        guard let classWeights else { return [Double](repeating: 1, count: classes) }
        guard classWeights.count == classes else {
            throw ObjectiveError(
                "\(Self.name): \(classWeights.count) class weights for \(classes) classes: give one "
                    + "a class.")
        }
        return classWeights
    }
}

extension CrossEntropy {
    /// Its catalogue entry.
    static let entry = ObjectiveEntry(
        name: name,
        formula: "mean over labelled points of -log softmax(z)_y",
        source: "task loss of SRKD (arXiv 2506.17290) and of 3D segmentation recipes",
        grade: .exact,
        settings: [
            .init("class-weights", "none", "a list of weights, one a class"),
            .init("label-smoothing", "0", "share of a label spread over all classes, 0 ..< 1"),
        ]
    ) { read in
        let smoothing =
            try read["label-smoothing"]?.number("give a number from 0 to below 1") {
                $0 >= 0 && $0 < 1
            } ?? 0
        return .init(
            objective: CrossEntropy(
                classWeights: try read.weights("class-weights"), labelSmoothing: smoothing),
            weight: 1)
    }
}
