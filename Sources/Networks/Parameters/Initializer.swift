public import Tensors

/// The distribution of a parameter's first value.
///
/// A value is a function of the run's seed and the parameter's path alone: adding a layer changes
/// no other layer's draw, and every host draws the same bits (only integer arithmetic and
/// correctly rounded operations are used).
public enum Initializer: Sendable, Hashable {
    /// Every value the same.
    case constant(Float)
    /// Uniform in ±1/sqrt(inputs), as PyTorch's `Linear` and spconv draw in the public
    /// implementation: Kaiming-uniform with a = sqrt(5) has this bound. `inputs` is the number of
    /// values that one output sums over (channels times places in the kernel).
    case uniform(inputs: Int)

    /// The value of a parameter of `rows` x `columns` under `path` in a run of this seed.
    public func tensor(rows: Int, columns: Int, seed: UInt64, path: String) -> Tensor {
        switch self {
        case .constant(let value):
            return Tensor(rows: rows, columns: columns, filledWith: value)
        case .uniform(let inputs):
            // Square root and division round correctly everywhere; `pow` would not.
            let bound = Float(1 / Double(max(inputs, 1)).squareRoot())
            var generator = CounterGenerator(seed: seed, purpose: .init(path))
            return Tensor(rows: rows, columns: columns) { values in
                for index in values.indices {
                    values[index] = generator.uniform(in: -bound...bound)
                }
            }
        }
    }
}
