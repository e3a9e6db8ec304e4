/// A record of operations in their order, through which gradients are propagated backwards.
///
/// The record is an array of steps that refer to their inputs by index. Backward is a loop over the
/// array, never a recursion, and each step's memory is released as soon as its gradient has been
/// propagated. A tape serves one thread and one backward computation.
public final class Tape {
    struct Step {
        let name: StaticString
        let inputs: [Int]
        /// From the gradient of the step's value to those of its inputs; nil for a leaf.
        var pullback: ((Tensor) -> [Tensor?])?
    }

    private(set) var steps: [Step] = []
    /// The first step that uses each leaf: after its pullback the leaf's gradient is complete.
    private var firstUse: [Int: Int] = [:]
    private var isSpent = false

    /// An empty tape.
    public init() {}

    /// The number of steps.
    public var count: Int { steps.count }

    /// The tensor as a leaf of this tape, which receives a gradient.
    public func variable(_ value: Tensor) -> Tensor {
        precondition(!isSpent, "A tape computes gradients once; begin a new one.")
        steps.append(Step(name: "variable", inputs: [], pullback: nil))
        return Tensor(
            rows: value.rows, columns: value.columns, storage: value.storage,
            record: .init(tape: self, index: steps.count - 1))
    }

    func append(
        _ name: StaticString, inputs: [Int], value: Tensor,
        pullback: @escaping (Tensor) -> [Tensor?]
    ) -> Tensor {
        precondition(!isSpent, "\(name): the tape of its inputs has already computed gradients.")
        let index = steps.count
        for input in inputs where input >= 0 && steps[input].pullback == nil {
            if firstUse[input] == nil { firstUse[input] = index }
        }
        steps.append(Step(name: name, inputs: inputs, pullback: pullback))
        return Tensor(
            rows: value.rows, columns: value.columns, storage: value.storage,
            record: .init(tape: self, index: index))
    }

    /// Computes the gradients of the leaves by `output`.
    ///
    /// - Parameters:
    ///   - output: the tensor at which backward begins, with the gradient `seed` (all ones by default).
    ///   - leafIsComplete: called with a leaf's gradient as soon as no later step can add to it, in
    ///     the order of completion; the leaf is then absent from the result. Workers thus send
    ///     gradients to the coordinator while backward still runs.
    /// - Returns: the gradients of the leaves that were not passed to `leafIsComplete`.
    ///
    /// The tape cannot be used afterwards: its steps have released their memory.
    @discardableResult
    public func gradients(
        from output: Tensor, seed: Tensor? = nil,
        leafIsComplete: ((_ leaf: LeafID, _ gradient: Tensor) -> Void)? = nil
    ) -> Gradients {
        gradients(
            from: [
                (output, seed ?? Tensor(rows: output.rows, columns: output.columns, filledWith: 1))
            ],
            leafIsComplete: leafIsComplete)
    }

    /// Computes the gradients of the leaves by several outputs at once, each with its own gradient.
    @discardableResult
    public func gradients(
        from outputs: [(output: Tensor, seed: Tensor)],
        leafIsComplete: ((_ leaf: LeafID, _ gradient: Tensor) -> Void)? = nil
    ) -> Gradients {
        precondition(!isSpent, "A tape computes gradients once; record the computation again.")
        isSpent = true
        var pending = [Tensor?](repeating: nil, count: steps.count)
        for (output, seed) in outputs {
            guard let record = output.record else { continue }
            precondition(record.tape === self, "The output was computed on another tape.")
            precondition(
                seed.rows == output.rows && seed.columns == output.columns,
                "A gradient of \(seed.rows) x \(seed.columns) for \(output.rows) x \(output.columns)."
            )
            accumulate(seed.detached, into: &pending[record.index])
        }
        var completed: [Int: [Int]] = [:]
        if leafIsComplete != nil {
            for (leaf, first) in firstUse { completed[first, default: []].append(leaf) }
        }
        for index in stride(from: steps.count - 1, through: 0, by: -1) {
            if let pullback = steps[index].pullback {
                if let gradient = pending[index] {
                    pending[index] = nil
                    let gradients = pullback(gradient)
                    for (input, gradient) in zip(steps[index].inputs, gradients) {
                        guard input >= 0, let gradient else { continue }
                        accumulate(gradient.detached, into: &pending[input])
                    }
                }
                // Releases the tensors that the pullback captured, also where no gradient arrived.
                steps[index].pullback = nil
            }
            if let leafIsComplete, let leaves = completed[index] {
                // Sorted: the order of a dictionary differs between runs, and buckets follow this order.
                for leaf in leaves.sorted(by: >) {
                    if let gradient = pending[leaf] {
                        leafIsComplete(LeafID(index: leaf), gradient)
                    }
                    pending[leaf] = nil
                }
            }
        }
        return Gradients(byIndex: pending)
    }

    private func accumulate(_ gradient: Tensor, into sum: inout Tensor?) {
        // Taken out, so that `adding` holds the only reference and can write in place.
        if let already = sum.take() {
            sum = already.adding(gradient)
        } else {
            sum = gradient
        }
    }
}

/// The identity of a leaf on its tape.
public struct LeafID: Hashable, Sendable {
    let index: Int
}

extension Tensor {
    /// The identity of this tensor as a leaf; nil if it is not on a tape.
    public var leafID: LeafID? { record.map { LeafID(index: $0.index) } }
}

/// The gradients of one backward computation.
public struct Gradients {
    let byIndex: [Tensor?]

    /// The gradient of a variable; nil if the output does not depend on it.
    public subscript(_ variable: Tensor) -> Tensor? {
        variable.record.flatMap { byIndex[$0.index] }
    }

    /// The gradient of a leaf; nil if the output does not depend on it.
    public subscript(_ leaf: LeafID) -> Tensor? { byIndex[leaf.index] }
}

// MARK: - Operations

extension Tensor {
    /// The result of an operation on one tensor, with its pullback.
    ///
    /// - Parameters:
    ///   - name: the operation, for messages.
    ///   - value: the result; its position on a tape, if any, is replaced.
    ///   - pullback: from the gradient of the value to that of the input. It must capture detached
    ///     tensors only (``detached``), which stay in memory until backward.
    public static func operation(
        _ name: StaticString, _ input: Tensor, value: Tensor,
        pullback: @escaping (Tensor) -> Tensor
    ) -> Tensor {
        guard let record = input.record else { return value.detached }
        return record.tape.append(name, inputs: [record.index], value: value) { [pullback($0)] }
    }

    /// The result of an operation on several tensors; gradients of inputs that need none may be nil.
    public static func operation(
        _ name: StaticString, _ inputs: [Tensor], value: Tensor,
        pullback: @escaping (Tensor) -> [Tensor?]
    ) -> Tensor {
        guard let tape = inputs.lazy.compactMap(\.record).first?.tape else { return value.detached }
        for input in inputs {
            precondition(
                input.record.map { $0.tape === tape } ?? true, "\(name): inputs of different tapes."
            )
        }
        return tape.append(
            name, inputs: inputs.map { $0.record?.index ?? -1 }, value: value, pullback: pullback)
    }
}
