import Foundation
package import Tensors

extension Matrix64 {
    /// The reference of `AdamWState.updated(gradient:scale:rates:_:)` for one rate: values and moments
    /// after a step (Loshchilov and Hutter, arXiv 1711.05101).
    package static func adamW(
        values: Matrix64, firstMoment: Matrix64, secondMoment: Matrix64, gradient: Matrix64,
        rate: Double, _ numbers: AdamWState.Coefficients
    ) -> (values: Matrix64, firstMoment: Matrix64, secondMoment: Matrix64) {
        let (beta1, beta2) = (Double(numbers.beta1), Double(numbers.beta2))
        let m = firstMoment.combined(with: gradient) { beta1 * $0 + (1 - beta1) * $1 }
        let v = secondMoment.combined(with: gradient) { beta2 * $0 + (1 - beta2) * $1 * $1 }
        let direction = m.combined(with: v) { m, v in
            m / (1 - pow(beta1, Double(numbers.count)))
                / ((v / (1 - pow(beta2, Double(numbers.count)))).squareRoot()
                    + Double(numbers.epsilon))
        }
        let next = values.combined(with: direction) {
            $0 * (1 - rate * Double(numbers.weightDecay)) - rate * $1
        }
        return (next, m, v)
    }

    /// The reference of `softmaxDivergence(to:temperature:)`.
    package func softmaxDivergence(
        to target: Matrix64, temperature: Double
    ) -> (divergences: [Double], difference: Matrix64) {
        let own = scaled(by: 1 / temperature).logSoftmax()
        let wanted = target.scaled(by: 1 / temperature).logSoftmax()
        let terms = wanted.combined(with: own) { exp($0) * ($0 - $1) }
        return (
            (0..<rows).map { terms[row: $0].reduce(0, +) },
            own.combined(with: wanted) { exp($0) - exp($1) }
        )
    }
}
