import Networks
import Tensors

extension NetworkTrial {
    /// Along the gradient g of a random sum of the scores, the sum must grow by |g|² a unit.
    ///
    /// In evaluation mode and Float32. The step is chosen so that the scores change by about a
    /// thousandth, where rounding and curvature both stay far below the tolerance of 2 %.
    func checkGradient() throws {
        let tape = Tape()
        let context = ForwardContext(.evaluation, of: network, weights, on: tape)
        let logits = network(scene, context).logits
        let weight = direction(like: logits)
        let gradients = tape.gradients(from: logits, seed: weight)
        let slopes = context.variables.map { (name: $0.name, gradient: gradients[$0.tensor]) }
        let squared = slopes.reduce(0) { $0 + ($1.gradient.map { dot($0, $0) } ?? 0) }
        try require(squared > 0, "The gradient of the scores is zero.")
        let size = dot(logits, logits).squareRoot() * dot(weight, weight).squareRoot()
        let step = Float(1e-3 * size / squared)
        func sum(_ factor: Float) -> Double {
            var moved = weights
            for (name, gradient) in slopes {
                guard let gradient, let place = moved.place(of: name) else { continue }
                let old = moved[place]
                let new = zip(old.tensor.values, gradient.values).map { $0 + factor * step * $1 }
                moved[place].tensor = Tensor(
                    rows: old.tensor.rows, columns: old.tensor.columns, new)
            }
            return dot(
                network(scene, ForwardContext(.evaluation, of: network, moved)).logits, weight)
        }
        // A central difference, whose error falls with the square of the step.
        let measured = (sum(1) - sum(-1)) / Double(2 * step)
        try require(
            (measured - squared).magnitude <= 0.02 * squared,
            "Along the gradient the scores grow by \(measured) a unit, not by \(squared).")
    }

    /// Values between -1 and 1 that depend on nothing but their place.
    func direction(like tensor: Tensor) -> Tensor {
        var generator = CounterGenerator(seed: 3, purpose: .init("direction"))
        return Tensor(rows: tensor.rows, columns: tensor.columns) { values in
            for index in values.indices { values[index] = generator.uniform(in: -1...1) }
        }
    }
}

func dot(_ a: Tensor, _ b: Tensor) -> Double {
    zip(a.values, b.values).reduce(0) { $0 + Double($1.0) * Double($1.1) }
}

func sameBits(_ a: Tensor, _ b: Tensor) -> Bool {
    a.rows == b.rows && a.columns == b.columns
        && zip(a.values, b.values).allSatisfy { $0.bitPattern == $1.bitPattern }
}
