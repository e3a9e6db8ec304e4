package import Datasets
import Synchronization
import Tensors

/// Samples of each mini-batch: every sample once per pass, in an order drawn for each pass; passes follow
/// one another without a gap.
///
/// If part of every mini-batch must have labels, samples with and without labels have separate passes. A
/// pure function of (seed, step): resuming needs only the step.
package struct DataOrder: Sendable {
    /// Samples that fill some places of every mini-batch.
    private struct Pool {
        /// The samples' places in the source; nil for all.
        let members: [Int]?
        let count: Int
        let places: Int
        let purpose: CounterGenerator.Purpose
        let drawn = Drawn()
    }

    /// Orders of the last passes, since every micro-shard of a step needs the same ones.
    private final class Drawn: Sendable {
        private let passes = Mutex<[(pass: Int, order: [Int])]>([])

        /// The order of a pass, drawn if it is not one of the last two.
        func order(of pass: Int, draw: () -> [Int]) -> [Int] {
            if let kept = passes.withLock({ $0.first { $0.pass == pass } }) { return kept.order }
            let order = draw()
            passes.withLock { passes in
                passes.removeAll { $0.pass == pass }
                passes.append((pass, order))
                if passes.count > 2 { passes.removeFirst() }
            }
            return order
        }
    }

    /// The number of samples.
    package let samples: Int
    /// The number of clouds per mini-batch.
    package let batch: Int
    /// The run's seed.
    package let seed: UInt64
    private let pools: [Pool]

    /// An order over `samples` samples; both numbers must be positive.
    package init(samples: Int, batch: Int, seed: UInt64) {
        precondition(samples > 0 && batch > 0)
        let all = Pool(
            members: nil, count: samples, places: batch, purpose: .init("order of samples"))
        self.init(samples: samples, batch: batch, seed: seed, pools: [all])
    }

    /// The order of a recipe's training scans.
    package init(_ source: any SceneSource, _ recipe: Recipe) {
        let labelled = (source as? FewLabels)?.labelledPlaces ?? []
        let first =
            recipe.data.labelled?.places(
                ofLabelled: labelled.count, of: source.count, batch: recipe.batch) ?? 0
        guard first > 0, first < recipe.batch else {
            self.init(samples: source.count, batch: recipe.batch, seed: recipe.seed)
            return
        }
        let chosen = Set(labelled)
        let others = (0..<source.count).filter { !chosen.contains($0) }
        self.init(
            samples: source.count, batch: recipe.batch, seed: recipe.seed,
            pools: [
                Pool(
                    members: labelled, count: labelled.count, places: first,
                    purpose: .init("order of labelled samples")),
                Pool(
                    members: others, count: others.count, places: recipe.batch - first,
                    purpose: .init("order of unlabelled samples")),
            ])
    }

    private init(samples: Int, batch: Int, seed: UInt64, pools: [Pool]) {
        self.samples = samples
        self.batch = batch
        self.seed = seed
        self.pools = pools
    }

    /// The samples of a step's mini-batch, in the order of its places; labelled samples first if they have
    /// separate places.
    package func samples(at step: Int) -> [Int] {
        pools.flatMap { pool in
            (0..<pool.places).map { place in
                let (pass, position) = (step * pool.places + place)
                    .quotientAndRemainder(dividingBy: pool.count)
                let order = pool.drawn.order(of: pass) { permutation(of: pass, pool) }
                return pool.members?[order[position]] ?? order[position]
            }
        }
    }

    /// The pass in which a step begins, counted from 0.
    package func pass(at step: Int) -> Int { step * batch / samples }

    private func permutation(of pass: Int, _ pool: Pool) -> [Int] {
        var generator = CounterGenerator(seed: seed, step: pass, purpose: pool.purpose)
        var order = Array(0..<pool.count)
        for last in stride(from: pool.count - 1, to: 0, by: -1) {
            order.swapAt(last, generator.index(below: last + 1))
        }
        return order
    }
}
