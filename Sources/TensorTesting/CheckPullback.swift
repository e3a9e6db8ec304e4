package import Tensors

/// Why an operation is not what it claims to be.
package struct OperationMismatch: Error, CustomStringConvertible {
    /// What was found, in a sentence.
    package let description: String
}

/// Checks an operation's value against its Float64 twin and its gradients against finite
/// differences of that twin, one input value after another.
///
/// The gradient taken is that of `Σ w ⊙ f(inputs)` with random weights w. Checked besides: the same
/// inputs give the same bits; an input's gradient does not change when other inputs are constants;
/// the value computed on a tape equals that without one.
///
/// - Parameters:
///   - name: the operation, for messages.
///   - inputs: its inputs; small ones, since the twin is asked twice for each of their values.
///   - constants: places of inputs no gradient flows to.
///   - step: the finite differences' step, relative to the size of values about 1.
///   - tolerance: the relative error allowed of value and gradients.
///   - reference: the twin.
///   - operation: the operation.
/// - Throws: ``OperationMismatch`` that says what is wrong.
package func checkOperation(
    _ name: String, of inputs: [Tensor], constants: Set<Int> = [], step: Double = 1e-5,
    tolerance: Double = 2e-6, reference: ([Matrix64]) -> Matrix64,
    _ operation: ([Tensor]) -> Tensor
) throws {
    let value = operation(inputs)
    let exact = reference(inputs.map { Matrix64($0) })
    guard value.rows == exact.rows && value.columns == exact.columns else {
        throw OperationMismatch(
            description: "\(name): \(value.rows) x \(value.columns) values, the twin has "
                + "\(exact.rows) x \(exact.columns).")
    }
    let error = relativeError(Matrix64(value), exact)
    guard error <= tolerance else {
        throw OperationMismatch(description: "\(name): relative error \(error) of the value.")
    }
    try checkGradients(
        name, of: inputs, constants: constants, tolerance: tolerance, operation
    ) { place, weights in
        var shaken = inputs.map { Matrix64($0) }
        let original = shaken[place]
        var gradient = original
        for index in original.values.indices {
            shaken[place].values[index] = original.values[index] + step
            let more = dot(reference(shaken), weights)
            shaken[place].values[index] = original.values[index] - step
            let less = dot(reference(shaken), weights)
            shaken[place].values[index] = original.values[index]
            gradient.values[index] = (more - less) / (2 * step)
        }
        return gradient
    }
}

/// Checks an operation's gradients against finite differences of the operation itself, in a few
/// random directions: for what has no Float64 twin.
///
/// The differences are taken of Float32 values, summed in Float64, at two step sizes and
/// extrapolated; they are good to about 1e-3 where values and inputs are of size 1.
///
/// - Throws: ``OperationMismatch`` that says what is wrong.
package func checkPullback(
    _ name: String, of inputs: [Tensor], constants: Set<Int> = [], step: Double = 0.02,
    tolerance: Double = 5e-3, directions: Int = 6, _ operation: ([Tensor]) -> Tensor
) throws {
    let value = operation(inputs)
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
            let expected =
                (4 * slope(place, direction, step / 2) - slope(place, direction, step)) / 3
            let found = dot(Matrix64(gradient), direction)
            let size = max(norm(Matrix64(gradient)), expected.magnitude, 1e-3)
            guard (found - expected).magnitude <= tolerance * size else {
                throw OperationMismatch(
                    description: "\(name): input \(place) has slope \(expected) in direction "
                        + "\(number), its gradient says \(found).")
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
        throw OperationMismatch(description: "\(name): its value is on no tape.")
    }
    guard sameBits(output, operation(inputs)) else {
        throw OperationMismatch(description: "\(name): on a tape it computes other bits.")
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
        let alone = try gradients(
            name, of: inputs, weights: weights, variables: [place], operation)
        guard let lonely = alone[place], sameBits(gradient, lonely) else {
            throw OperationMismatch(
                description: "\(name): the gradient of input \(place) depends on whether the "
                    + "others need theirs.")
        }
        let exact = expected(place, Matrix64(weights))
        let error = relativeError(Matrix64(gradient), exact)
        guard error <= tolerance else {
            throw OperationMismatch(
                description: "\(name): relative error \(error) of the gradient of input \(place).")
        }
    }
}
