import Networks
import Tensors

extension Tensor {
    /// The divergence of each row's softened softmax from a target's, summed and multiplied by a scale.
    ///
    ///     scale * Σ_n f_n KL( softmax(target_n / T) || softmax(self_n / T) )
    ///
    /// Backward, per row: `scale f_n / T (q - p)`. Both tensors are n x k and read as constants. A factor
    /// T² is part of the scale.
    ///
    /// - Parameters:
    ///   - target: the scores whose softmax is the target.
    ///   - temperature: T > 0.
    ///   - scale: the factor of value and gradient.
    ///   - factors: f, one per row; nil for 1.
    func softCost(
        to target: Tensor, temperature: Double, scale: Double, factors: [Float]? = nil
    ) -> (value: Double, gradient: Tensor) {
        let (divergences, difference) = detached.softmaxDivergence(
            to: target, temperature: Float(temperature))
        let gradient = difference.scaled(by: Float(scale / temperature))
        guard let factors else { return (scale * divergences.reduce(0, +), gradient) }
        let sum = zip(divergences, factors).reduce(0) { $0 + $1.0 * Double($1.1) }
        return (scale * sum, gradient.scaledRows(by: factors))
    }
}

extension NetworkOutputs {
    /// The teacher's logits; throws one sentence unless it has as many classes as the student.
    func logits(of classes: Int, for objective: some Objective) throws -> Tensor {
        guard logits.columns == classes else {
            throw ObjectiveError(
                "\(type(of: objective).name): the teacher knows \(logits.columns) classes, the "
                    + "student \(classes): choose a teacher trained on the same classes.")
        }
        return logits
    }
}
