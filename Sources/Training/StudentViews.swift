import Distillation
import Networks
import Tensors

/// What the student says about a micro-shard: of the weak view, and, where objectives ask for it, of
/// the strong view and with the averaged weights.
struct StudentViews {
    /// Of the weak view, on the tape.
    let weak: NetworkOutputs
    /// Of the strong view, on the same tape.
    private(set) var strong: NetworkOutputs?
    /// Of the weak view with the averaged weights, as constants.
    private(set) var average: NetworkOutputs?
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
        weak = student(scene, first).restricted(to: taps)
        if let strongScene {
            var generator = CounterGenerator(seed: context.seed, purpose: .init("strong view"))
            let second = ForwardContext(mode(generator.next()), sharing: first, taps: taps)
            passes.append(second)
            strong = student(strongScene, second).restricted(to: taps)
        }
        if let averaged = weights.average {
            let pass = ForwardContext(.evaluation, of: student, averaged.student, taps: taps)
            average = student(scene, pass).restricted(to: taps)
        }
    }
}
