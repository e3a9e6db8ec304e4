/// Objective with a weight that may change with the steps.
package struct WeightedTerm: Summand, CustomStringConvertible {
    /// Linear rise of the weight from 0.
    package struct Ramp: Sendable, Equatable {
        /// The first step at which the term counts.
        package var start: Int
        /// Steps from there to the full weight.
        package var steps: Int

        /// A rise from step `start` on, over `steps`.
        package init(start: Int = 0, steps: Int) {
            precondition(start >= 0 && steps >= 0, "A ramp has no negative steps.")
            self.start = start
            self.steps = steps
        }
    }

    /// Linear change of the weight to another value.
    package struct Fade: Sendable, Equatable {
        /// The final weight.
        package var end: Double
        /// The first step at which the weight changes.
        package var start: Int
        /// Steps from there to the last weight.
        package var steps: Int

        /// A change to `end` from step `start` on, over `steps`.
        package init(to end: Double, start: Int = 0, steps: Int) {
            precondition(start >= 0 && steps >= 1, "A fade takes at least one step.")
            self.end = end
            self.start = start
            self.steps = steps
        }
    }

    /// Whether the term reads the teacher's rows in another order: a control without the teacher's
    /// knowledge about each point (``ObjectiveInput/shufflingTeacher()``).
    package var isPlacebo: Bool
    /// The objective.
    package var objective: any Objective
    /// The weight as it was written; nil stands for 1.
    package var factor: Double?
    /// The rise of the weight; nil for the full weight from the first step.
    package var ramp: Ramp?
    /// The change to another weight; nil if it stays.
    package var fade: Fade?

    /// An objective times a factor.
    package init(
        _ objective: any Objective, factor: Double?, ramp: Ramp? = nil, fade: Fade? = nil,
        isPlacebo: Bool = false
    ) {
        self.objective = objective
        self.factor = factor
        self.ramp = ramp
        self.fade = fade
        self.isPlacebo = isPlacebo
    }

    /// The name in logs, without a number: the objective's, or `relation.dense.placebo`.
    var name: String { type(of: objective).name + (isPlacebo ? ".placebo" : "") }

    /// The weight after the ramp and before the fade.
    package var weight: Double { factor ?? 1 }

    /// The weight at a step: 0 before the ramp's start, then rising to the full weight, which changes to
    /// another during the fade.
    package func weight(at step: Int) -> Double {
        share(of: ramp, at: step) * faded(at: step)
    }

    private func share(of ramp: Ramp?, at step: Int) -> Double {
        guard let ramp else { return 1 }
        guard step >= ramp.start else { return 0 }
        guard ramp.steps > 0 else { return 1 }
        // Plus one: the first step of a ramp already counts.
        return min(Double(step - ramp.start + 1) / Double(ramp.steps), 1)
    }

    private func faded(at step: Int) -> Double {
        guard let fade, step >= fade.start else { return weight }
        let share = min(Double(step - fade.start + 1) / Double(fade.steps), 1)
        // The end itself, since the interpolation may miss it by rounding, and 0 must be exactly 0.
        return share == 1 ? fade.end : weight + (fade.end - weight) * share
    }

    /// The same term with a weight that rises over `steps`, from step `start` on.
    package func ramped(from start: Int = 0, over steps: Int) -> WeightedTerm {
        var term = self
        term.ramp = Ramp(start: start, steps: steps)
        return term
    }

    /// The same term with a weight that changes to `end` over `steps`, from step `start` on.
    package func fading(to end: Double, from start: Int = 0, over steps: Int) -> WeightedTerm {
        var term = self
        term.fade = Fade(to: end, start: start, steps: steps)
        return term
    }

    /// The same term as a placebo.
    package func placebo() -> WeightedTerm {
        var term = self
        term.isPlacebo = true
        return term
    }

    /// The input as this term reads it.
    func read(_ input: ObjectiveInput) -> ObjectiveInput {
        isPlacebo ? input.shufflingTeacher() : input
    }

    /// The term itself.
    package var terms: [WeightedTerm] { [self] }

    /// The Swift expression that creates it: `0.3 * SoftTargets(temperature: 2)`.
    package var description: String {
        var text = (factor.map { "\($0) * " } ?? "") + objective.description
        if ramp != nil || fade != nil || isPlacebo { text = "(\(text))" }
        func from(_ start: Int) -> String { start == 0 ? "" : "from: \(start), " }
        if let ramp { text += ".ramped(\(from(ramp.start))over: \(ramp.steps))" }
        if let fade {
            text += ".fading(to: \(short(fade.end)), \(from(fade.start))over: \(fade.steps))"
        }
        if isPlacebo { text += ".placebo()" }
        return text
    }
}
