import Distillation
import Networks
import Tensors

/// What the student says about a micro-shard: of the weak view, and, where objectives ask for it, of
/// the strong view and with the averaged weights.
struct StudentViews {
    /// Of the weak view, on the tape.
    let weak: Signals
    /// Of the strong view, on the same tape.
    private(set) var strong: Signals?
    /// Of the weak view with the averaged weights, as constants.
    private(set) var average: Signals?
    /// The passes over the views on the tape.
    private(set) var passes: [ForwardContext]

    /// Goes forward through the views there are.
    ///
    /// A frozen student runs in evaluation mode, and nothing of it stands on the tape. Otherwise
    /// both views draw what is random in the network (drop path, order of the curves) for
    /// themselves, and their normalisations each use their own view's statistics.
    init(
        _ context: ShardContext, weights: StepWeights, step: Int, samples: [UInt64], scene: Scene,
        strong strongScene: Scene?, on tape: Tape
    ) {
        let parameters = context.parameters
        let student = parameters.network
        let taps = context.plan.studentTaps
        func mode(_ seed: UInt64) -> ForwardContext.Mode {
            parameters.isStudentFrozen
                ? .evaluation : .training(seed: seed, step: step, samples: samples)
        }
        let first = ForwardContext(
            mode(context.seed), of: student, weights.student,
            on: parameters.isStudentFrozen ? nil : tape, frozen: parameters.isFrozen, taps: taps)
        passes = [first]
        weak = Signals(student(scene, first), at: taps)
        if let strongScene {
            var generator = CounterGenerator(seed: context.seed, purpose: .init("strong view"))
            let second = ForwardContext(mode(generator.next()), sharing: first, taps: taps)
            passes.append(second)
            strong = Signals(student(strongScene, second), at: taps)
        }
        if let averaged = weights.average {
            let pass = ForwardContext(.evaluation, of: student, averaged.student, taps: taps)
            average = Signals(student(scene, pass), at: taps)
        }
    }
}

extension Signals {
    /// A network's outputs with the features at taps the pass has asked for, the recipe's first.
    init(_ outputs: Outputs, at taps: [Tap]) {
        let tapped = taps.map { (tap: $0, tensor: outputs.features(at: $0)) }
        self.init(
            logits: outputs.logits, features: tapped[0].tensor, at: tapped[0].tap,
            taps: Array(tapped.dropFirst()))
    }

    /// What a teacher says, with the features at taps it was asked for, the recipe's first.
    init(_ knowledge: Knowledge, at taps: [Tap]) {
        let tapped = taps.map { (tap: $0, tensor: knowledge.features[$0]!) }
        self.init(
            logits: knowledge.logits, features: tapped[0].tensor, at: tapped[0].tap,
            taps: Array(tapped.dropFirst()), auxiliary: knowledge.auxiliary)
    }
}
