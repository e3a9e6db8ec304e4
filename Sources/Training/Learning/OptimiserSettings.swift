import Settings

/// Settings of AdamW with a one-cycle learning rate and a separate rate for transformer blocks, as in
/// Point Transformer V3's recipes.
package struct OptimiserSettings: Sendable, Equatable {
    /// The largest learning rate outside transformer blocks.
    package var rate: Double
    /// The largest learning rate inside them.
    package var blockRate: Double
    /// Decoupled weight decay.
    package var weightDecay: Double
    /// The share of the steps during which the rate rises.
    package var warmUp: Double
    /// Decay of the first moment.
    package var beta1: Double
    /// Decay of the second moment.
    package var beta2: Double
    /// The largest norm of the gradient; nil for no clipping.
    package var clip: Double?
    /// The number of steps of the whole run: the length of the cycle.
    package var steps: Int

    /// Settings; the defaults are the public recipe's for indoor scenes.
    package init(
        rate: Double = 0.006, blockRate: Double = 0.0006, weightDecay: Double = 0.05,
        warmUp: Double = 0.05, beta1: Double = 0.9, beta2: Double = 0.999, clip: Double? = nil,
        steps: Int
    ) {
        self.rate = rate
        self.blockRate = blockRate
        self.weightDecay = weightDecay
        self.warmUp = warmUp
        self.beta1 = beta1
        self.beta2 = beta2
        self.clip = clip
        self.steps = steps
    }

    /// The learning rates of a step.
    package func rates(at step: Int) -> (others: Double, blocks: Double) {
        (
            OneCycle(peak: rate, steps: steps, warmUp: warmUp).rate(at: step),
            OneCycle(peak: blockRate, steps: steps, warmUp: warmUp).rate(at: step)
        )
    }

    init(_ section: SettingsNode?, steps: Int) throws {
        self.init(steps: steps)
        guard let values = try section?.mapping() else { return }
        rate = try values.number("rate", default: rate, in: 0...10)
        // The public recipes train blocks at a tenth of the rate.
        blockRate = try values.number("block-rate", default: rate / 10, in: 0...10)
        weightDecay = try values.number("weight-decay", default: weightDecay, in: 0...1)
        warmUp = try values.number("warm-up", default: warmUp, in: 0...1)
        beta1 = try values.number("beta1", default: beta1, in: 0...0.99999)
        beta2 = try values.number("beta2", default: beta2, in: 0...0.99999999)
        clip = try values["clip"]?.number(in: 1e-9...1e9)
        try values.finish()
    }
}
