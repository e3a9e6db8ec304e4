import Distillation
import Networks
import Tensors

/// Outputs of the student for a micro-shard: for the weak view and, if objectives need them, for the
/// strong view and with the averaged weights.
struct StudentViews {
    /// The outputs for the weak view, on the tape.
    let weak: NetworkOutputs
    /// The outputs for the strong view, on the same tape.
    private(set) var strong: NetworkOutputs?
    /// The outputs for the weak view with the averaged weights, as constants.
    private(set) var average: NetworkOutputs?
    /// The forward contexts of the views on the tape.
    private(set) var passes: [ForwardContext]

    /// Runs the forward passes.
    ///
    /// A frozen student runs in evaluation mode and off the tape. Otherwise each view draws the network's
    /// random numbers (drop path, order of the curves) independently and normalises with its own
    /// statistics.
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
            // A seed of its own: with the first view's seed, both views would drop the same paths.
            var generator = CounterGenerator(seed: context.seed, purpose: .init("strong view"))
            let second = ForwardContext(mode(generator.next()), sharing: first, taps: taps)
            passes.append(second)
            strong = student(strongScene, second).restricted(to: taps)
        }
        if let averaged = weights.average {
            // In evaluation mode, because the averaged student is a target and must not depend on the batch.
            let pass = ForwardContext(.evaluation, of: student, averaged.student, taps: taps)
            average = student(scene, pass).restricted(to: taps)
        }
    }
}
