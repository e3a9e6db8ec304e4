import Tensors

extension Tensor {
    /// The cross entropy of each labelled row's softmax with its label, summed and multiplied by a scale.
    ///
    /// With p = softmax(self), class weights w and label smoothing s over K classes:
    ///
    ///     scale * Σ_n [ (1 - s) w_y (-log p_y) + (s / K) Σ_k w_k (-log p_k) ],   n labelled.
    ///
    /// Backward, a labelled row: `scale * [((1 - s) w_y + (s / K) Σ w) p - (1 - s) w_y e_y -
    /// (s / K) w]`; others 0. Read as a constant; O(n K).
    ///
    /// - Parameters:
    ///   - labels: one class per row; negative for none.
    ///   - weights: one weight per class; nil weighs all classes alike.
    ///   - smoothing: s.
    ///   - scale: the factor of value and gradient.
    func labelCost(
        _ labels: [Int32], weights: [Double]? = nil, smoothing: Double = 0, scale: Double
    ) -> (value: Double, gradient: Tensor) {
        precondition(labels.count == rows, "\(labels.count) labels for \(rows) rows.")
        let classes = columns
        let weights = weights ?? [Double](repeating: 1, count: classes)
        // PyTorch weighs the smoothed part by every class weight and divides by the labels' weights alone.
        let spread = weights.map { smoothing / Double(classes) * $0 }
        let spreadSum = spread.reduce(0, +)
        let probabilities = detached.softmax()
        let logarithms = detached.logSoftmax()
        var sum = 0.0
        let gradient = Tensor(rows: rows, columns: classes) { gradient in
            probabilities.withValues { p in
                logarithms.withValues { logP in
                    for row in 0..<rows {
                        let first = row * classes
                        guard labels[row] >= 0 else {
                            for k in 0..<classes { gradient[first + k] = 0 }
                            continue
                        }
                        let label = Int(labels[row])
                        let onLabel = (1 - smoothing) * weights[label]
                        sum -= onLabel * Double(logP[first + label])
                        let factor = Float((onLabel + spreadSum) * scale)
                        for k in 0..<classes { gradient[first + k] = factor * p[first + k] }
                        gradient[first + label] -= Float(onLabel * scale)
                        // Most recipes do not smooth; they skip the loop over all classes.
                        guard smoothing > 0 else { continue }
                        for k in 0..<classes {
                            sum -= spread[k] * Double(logP[first + k])
                            gradient[first + k] -= Float(spread[k] * scale)
                        }
                    }
                }
            }
        }
        return (scale * sum, gradient)
    }
}
