import Tensors

/// Which samples each mini-batch holds: every sample once a pass, in an order drawn anew for each
/// pass, one pass running into the next.
///
/// A pure function of (seed, step): resuming needs only the step.
public struct DataOrder: Sendable {
    /// The samples to draw from: their places in the source.
    public let samples: Int
    /// Clouds a mini-batch.
    public let batch: Int
    /// The run's seed.
    public let seed: UInt64

    /// An order over `samples` samples; both numbers must be positive.
    public init(samples: Int, batch: Int, seed: UInt64) {
        precondition(samples > 0 && batch > 0)
        self.samples = samples
        self.batch = batch
        self.seed = seed
    }

    /// The samples of a step's mini-batch, in their places.
    public func samples(at step: Int) -> [Int] {
        var passes: [Int: [Int]] = [:]
        return (0..<batch).map { place in
            let (pass, position) = (step * batch + place).quotientAndRemainder(dividingBy: samples)
            if passes[pass] == nil { passes[pass] = permutation(of: pass) }
            return passes[pass]![position]
        }
    }

    /// The pass a step begins in, counted from 0.
    public func pass(at step: Int) -> Int { step * batch / samples }

    private func permutation(of pass: Int) -> [Int] {
        var generator = CounterGenerator(seed: seed, step: pass, purpose: .init("order of samples"))
        var order = Array(0..<samples)
        for last in stride(from: samples - 1, to: 0, by: -1) {
            order.swapAt(last, generator.index(below: last + 1))
        }
        return order
    }
}
