import Tensors

/// One-cycle learning rate (Smith and Topin, arXiv 1708.07120) with cosine annealing, as
/// PyTorch's `OneCycleLR` computes it: up from `peak / divisor` during the warm-up, then down to
/// `peak / divisor / finalDivisor`.
package struct OneCycle: Sendable, Equatable {
    /// The largest rate.
    package var peak: Double
    /// Steps in all.
    package var steps: Int
    /// The share of the steps in which the rate rises.
    package var warmUp: Double
    /// The peak divided by the first rate.
    package var divisor: Double
    /// The first rate divided by the last.
    package var finalDivisor: Double

    /// A cycle; the defaults are Point Transformer V3's.
    package init(
        peak: Double, steps: Int, warmUp: Double = 0.05, divisor: Double = 10,
        finalDivisor: Double = 1000
    ) {
        self.peak = peak
        self.steps = steps
        self.warmUp = warmUp
        self.divisor = divisor
        self.finalDivisor = finalDivisor
    }

    /// The rate of a step, counted from 0; steps past the end keep the last rate.
    package func rate(at step: Int) -> Double {
        let first = peak / divisor
        let last = first / finalDivisor
        // PyTorch's formula, including the minus one, so that rates agree with the public recipes.
        let turn = warmUp * Double(steps) - 1
        let end = Double(max(steps - 1, 1))
        let now = min(Double(step), end)
        if now <= turn && turn > 0 { return between(first, peak, now / turn) }
        let start = max(turn, 0)
        return between(peak, last, end > start ? (now - start) / (end - start) : 1)
    }

    private func between(_ from: Double, _ to: Double, _ share: Double) -> Double {
        to + (from - to) / 2 * (1 + cosine(turns: share / 2))
    }
}
