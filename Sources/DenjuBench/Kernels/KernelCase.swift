import Tensors

/// One hot operation at one shape, ready to be timed.
struct KernelCase {
    /// What it cannot do without, whoever computes it.
    struct Work {
        /// Floating-point operations.
        var operations = 0.0
        /// Bytes of what is read and written, each value once.
        var bytes = 0.0
    }

    /// A plain computation of the same thing, or of a share of it where all would take too long.
    struct Twin {
        /// How much of the case's work it does.
        var share = 1.0
        let run: () throws -> Void
    }

    /// What is timed.
    struct Trial {
        /// Makes ready for one repetition, untimed, and gives what is timed.
        let repetition: () throws -> () throws -> Void
        let twin: Twin?

        init(twin: Twin? = nil, repetition: @escaping () throws -> () throws -> Void) {
            self.twin = twin
            self.repetition = repetition
        }
    }

    let name: String
    let shape: String
    let work: Work
    /// Makes the inputs.
    let trial: () throws -> Trial

    init(_ name: String, _ shape: String, _ work: Work, trial: @escaping () throws -> Trial) {
        self.name = name
        self.shape = shape
        self.work = work
        self.trial = trial
    }

    /// A case of something that needs no preparation.
    static func of(
        _ name: String, _ shape: String, _ work: Work, twin: Twin? = nil,
        _ run: @escaping () throws -> Void
    ) -> KernelCase {
        KernelCase(name, shape, work) { Trial(twin: twin) { run } }
    }

    /// An operation of tensors, forward and back.
    ///
    /// - Parameters:
    ///   - back: what the way back cannot do without.
    ///   - inputs: makes the inputs; gradients flow to all of them.
    ///   - twins: of inputs, the value; of inputs and a gradient, the gradients; and what share of
    ///     the work they do.
    static func operation(
        _ name: String, _ shape: String, _ work: Work, back: Work,
        inputs: @escaping () -> [Tensor], twins: @escaping ([Tensor]) -> (value: Twin, back: Twin?),
        _ operation: @escaping ([Tensor]) -> Tensor
    ) -> [KernelCase] {
        let forward = KernelCase(name, shape, work) {
            let inputs = inputs()
            return Trial(twin: twins(inputs).value) { { _ = operation(inputs) } }
        }
        let backward = KernelCase(name + ", back", shape, back) {
            let inputs = inputs()
            let value = operation(inputs)
            let seed = normal(value.rows, value.columns, 99)
            return Trial(twin: twins(inputs).back) {
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

    /// Work that is a number of operations and a number of Float32 values to move.
    init(operations: Int = 0, values: Int) {
        self.init(operations: Double(operations), bytes: 4 * Double(values))
    }

    /// Work that is bytes to move and nothing else that a processor's peak would bound.
    init(bytes: Int) { self.init(operations: 0, bytes: Double(bytes)) }
}
