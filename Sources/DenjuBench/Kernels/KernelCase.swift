import Tensors

/// One performance-critical operation at one shape.
struct KernelCase {
    /// The minimum work of the operation, independent of its implementation.
    struct Work {
        /// Floating-point operations.
        var operations = 0.0
        /// Bytes read and written, each value once.
        var bytes = 0.0
    }

    /// The reference implementation of the operation, on a share of the input if it is slow.
    struct Reference {
        /// The share of the case's work.
        var share = 1.0
        let run: () throws -> Void
    }

    /// A case with its inputs.
    struct Trial {
        /// Prepares one repetition, untimed, and returns the timed closure.
        let repetition: () throws -> () throws -> Void
        let reference: Reference?

        init(reference: Reference? = nil, repetition: @escaping () throws -> () throws -> Void) {
            self.reference = reference
            self.repetition = repetition
        }
    }

    let name: String
    let shape: String
    let work: Work
    /// Creates the inputs.
    let trial: () throws -> Trial

    init(_ name: String, _ shape: String, _ work: Work, trial: @escaping () throws -> Trial) {
        self.name = name
        self.shape = shape
        self.work = work
        self.trial = trial
    }

    /// A case without preparation.
    static func of(
        _ name: String, _ shape: String, _ work: Work, reference: Reference? = nil,
        _ run: @escaping () throws -> Void
    ) -> KernelCase {
        KernelCase(name, shape, work) { Trial(reference: reference) { run } }
    }

    /// The forward and backward cases of a tensor operation.
    ///
    /// - Parameters:
    ///   - back: the minimum work of the backward pass.
    ///   - inputs: creates the inputs; gradients are computed for all of them.
    ///   - references: the reference implementations of value and gradients for the inputs.
    static func operation(
        _ name: String, _ shape: String, _ work: Work, back: Work,
        inputs: @escaping () -> [Tensor],
        references: @escaping ([Tensor]) -> (value: Reference, back: Reference?),
        _ operation: @escaping ([Tensor]) -> Tensor
    ) -> [KernelCase] {
        let forward = KernelCase(name, shape, work) {
            let inputs = inputs()
            return Trial(reference: references(inputs).value) { { _ = operation(inputs) } }
        }
        let backward = KernelCase(name + ", back", shape, back) {
            let inputs = inputs()
            let value = operation(inputs)
            let seed = normal(value.rows, value.columns, 99)
            // The forward pass is part of the preparation, so that only the pullback is timed.
            return Trial(reference: references(inputs).back) {
                let tape = Tape()
                let value = operation(inputs.map { tape.variable($0) })
                return { _ = tape.gradients(from: value, seed: seed) }
            }
        }
        return [forward, backward]
    }

    /// Normally distributed values.
    static func normal(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Tensor {
        var generator = CounterGenerator(seed: seed, purpose: .init("bench"))
        return Tensor(rows: rows, columns: columns) { values in
            for index in values.indices { values[index] = generator.normal() }
        }
    }
}

extension KernelCase.Work {
    static func + (a: Self, b: Self) -> Self {
        Self(operations: a.operations + b.operations, bytes: a.bytes + b.bytes)
    }

    /// Work of floating-point operations and Float32 values read or written.
    init(operations: Int = 0, values: Int) {
        self.init(operations: Double(operations), bytes: 4 * Double(values))
    }

    /// Work of bytes only, without floating-point operations.
    init(bytes: Int) { self.init(operations: 0, bytes: Double(bytes)) }
}
