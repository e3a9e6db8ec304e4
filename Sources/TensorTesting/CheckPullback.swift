package import Tensors

/// A property that an operation violates.
package struct OperationMismatch: Error, CustomStringConvertible {
    /// The violation in a sentence.
    package let description: String
}

/// Checks an operation's value against its Float64 reference and its gradients against finite
/// differences of the reference, one input value after another.
///
/// The gradient is that of `Σ w ⊙ f(inputs)` with random weights w. The check also requires that equal
/// inputs give equal bits, that an input's gradient does not depend on whether other inputs are
/// constants, and that the value on a tape equals the value without one.
///
/// - Parameters:
///   - name: the operation's name in errors.
///   - inputs: the inputs; small ones, since the reference is evaluated twice for each of their values.
///   - constants: indices of inputs without gradients.
///   - step: the step of the finite differences, for values of magnitude 1.
///   - tolerance: the maximum relative error of value and gradients.
///   - reference: the reference implementation.
///   - operation: the operation.
/// - Throws: ``OperationMismatch`` with the violated property.
package func checkOperation(
    _ name: String, of inputs: [Tensor], constants: Set<Int> = [], step: Double = 1e-5,
    tolerance: Double = 2e-6, reference: ([Matrix64]) -> Matrix64,
    _ operation: ([Tensor]) -> Tensor
) throws {
    let value = operation(inputs)
    let exact = reference(inputs.map { Matrix64($0) })
    guard value.rows == exact.rows && value.columns == exact.columns else {
        throw OperationMismatch(
            description: "\(name): \(value.rows) x \(value.columns) values, the reference has "
                + "\(exact.rows) x \(exact.columns).")
    }
    let error = relativeError(Matrix64(value), exact)
    guard error <= tolerance else {
        throw OperationMismatch(description: "\(name): relative error \(error) of the value.")
    }
    try checkGradients(
        name, of: inputs, constants: constants, tolerance: tolerance, operation
    ) { place, weights in
        var perturbed = inputs.map { Matrix64($0) }
        let original = perturbed[place]
        var gradient = original
        for index in original.values.indices {
            perturbed[place].values[index] = original.values[index] + step
            let more = dot(reference(perturbed), weights)
            perturbed[place].values[index] = original.values[index] - step
            let less = dot(reference(perturbed), weights)
            perturbed[place].values[index] = original.values[index]
            gradient.values[index] = (more - less) / (2 * step)
        }
        return gradient
    }
}

/// Checks an operation's gradients against finite differences of the operation itself in random
/// directions, for operations without a Float64 reference.
///
/// The differences are computed from Float32 values, summed in Float64, at two step sizes and
/// extrapolated. They are accurate to about 1e-3 for values and inputs of magnitude 1.
///
/// - Throws: ``OperationMismatch`` with the violated property.
package func checkPullback(
    _ name: String, of inputs: [Tensor], constants: Set<Int> = [], step: Double = 0.02,
    tolerance: Double = 5e-3, directions: Int = 6, _ operation: ([Tensor]) -> Tensor
) throws {
    let value = operation(inputs)
    // Random weights: the plain sum of a softmax is constant, so a missing gradient would pass.
    let weights = Tensor.random(rows: value.rows, columns: value.columns, seed: 77)
    let exactWeights = Matrix64(weights)
    let gradients = try gradients(
        name, of: inputs, weights: weights, variables: variables(inputs, constants), operation)
    func slope(_ place: Int, _ direction: Matrix64, _ step: Double) -> Double {
        let original = Matrix64(inputs[place])
        var inputs = inputs
        inputs[place] = original.combined(with: direction) { $0 + step * $1 }.tensor
        let more = dot(Matrix64(operation(inputs)), exactWeights)
        inputs[place] = original.combined(with: direction) { $0 - step * $1 }.tensor
        let less = dot(Matrix64(operation(inputs)), exactWeights)
        return (more - less) / (2 * step)
    }
    for place in variables(inputs, constants) {
        guard let gradient = gradients[place] else { continue }
        for number in 0..<directions {
            let direction = Matrix64(
                Tensor.random(
                    rows: inputs[place].rows, columns: inputs[place].columns,
                    seed: UInt64(1000 * place + number)))
            // Richardson extrapolation cancels the error of second order in the step.
            let expected =
                (4 * slope(place, direction, step / 2) - slope(place, direction, step)) / 3
            let found = dot(Matrix64(gradient), direction)
            // The relative error of a vanishing gradient is only rounding.
            let size = max(norm(Matrix64(gradient)), expected.magnitude, 1e-3)
            guard (found - expected).magnitude <= tolerance * size else {
                throw OperationMismatch(
                    description: "\(name): input \(place) has slope \(expected) in direction "
                        + "\(number), but its gradient has \(found).")
            }
        }
    }
}

private func variables(_ inputs: [Tensor], _ constants: Set<Int>) -> [Int] {
    inputs.indices.filter { !constants.contains($0) }
}

/// The gradients of Σ w ⊙ f, with the given places as variables and the others as constants.
private func gradients(
    _ name: String, of inputs: [Tensor], weights: Tensor, variables: [Int],
    _ operation: ([Tensor]) -> Tensor
) throws -> [Tensor?] {
    let tape = Tape()
    let bound = inputs.indices.map {
        variables.contains($0) ? tape.variable(inputs[$0]) : inputs[$0]
    }
    let output = operation(bound)
    guard variables.isEmpty || output.requiresGradient else {
        throw OperationMismatch(description: "\(name): the value is not on the tape.")
    }
    // Training and prediction must agree bit for bit.
    guard sameBits(output, operation(inputs)) else {
        throw OperationMismatch(description: "\(name): the value on a tape has different bits.")
    }
    let found = tape.gradients(from: output, seed: weights)
    for place in variables {
        if let gradient = found[bound[place]],
            gradient.rows != inputs[place].rows || gradient.columns != inputs[place].columns
        {
            throw OperationMismatch(
                description: "\(name): the gradient of input \(place) is \(gradient.rows) x "
                    + "\(gradient.columns).")
        }
    }
    return bound.map { $0.requiresGradient ? found[$0] : nil }
}

private func checkGradients(
    _ name: String, of inputs: [Tensor], constants: Set<Int>, tolerance: Double,
    _ operation: ([Tensor]) -> Tensor,
    expected: (_ place: Int, _ weights: Matrix64) -> Matrix64
) throws {
    let value = operation(inputs)
    let weights = Tensor.random(rows: value.rows, columns: value.columns, seed: 77)
    let places = variables(inputs, constants)
    let together = try gradients(
        name, of: inputs, weights: weights, variables: places, operation)
    for place in places {
        guard let gradient = together[place] else {
            throw OperationMismatch(description: "\(name): no gradient of input \(place).")
        }
        // A pullback may skip the work for constant inputs, which must not change the other gradients.
        let alone = try gradients(
            name, of: inputs, weights: weights, variables: [place], operation)
        guard let single = alone[place], sameBits(gradient, single) else {
            throw OperationMismatch(
                description: "\(name): the gradient of input \(place) depends on whether "
                    + "other inputs are variables.")
        }
        let exact = expected(place, Matrix64(weights))
        let error = relativeError(Matrix64(gradient), exact)
        guard error <= tolerance else {
            throw OperationMismatch(
                description: "\(name): relative error \(error) of the gradient of input \(place).")
        }
    }
}
