import Networks
import Tensors

extension Tensor {
    /// How far each row's softened softmax is from that of a target, added up, times a scale.
    ///
    ///     scale * Σ_n f_n KL( softmax(target_n / T) || softmax(self_n / T) )
    ///
    /// Backward, a row: `scale f_n / T (q - p)`. Both tensors are n x k and read as constants; where
    /// T² belongs before the sum, it belongs into the scale.
    ///
    /// - Parameters:
    ///   - target: whose softmax is wanted.
    ///   - temperature: T > 0.
    ///   - scale: what value and gradient are multiplied with.
    ///   - factors: f, one a row; nil for 1.
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
    /// What a teacher says of the classes; throws one sentence if it knows others than the student.
    func logits(of classes: Int, for objective: some Objective) throws -> Tensor {
        guard logits.columns == classes else {
            throw ObjectiveError(
                "\(type(of: objective).name): the teacher knows \(logits.columns) classes, the "
                    + "student \(classes): choose a teacher trained on the same classes.")
        }
        return logits
    }
}
