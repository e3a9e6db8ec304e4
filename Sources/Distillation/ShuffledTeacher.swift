import Networks
import PointClouds
import Tensors

extension ObjectiveInput {
    /// The same input with the teacher's rows permuted within each cloud: a control with the teacher's
    /// statistics and without its knowledge about each point.
    ///
    /// All outputs of one stage are permuted alike, so that they stay consistent with each other. The
    /// permutation is a function of seed, step, sample and stage: it changes with every step and does not
    /// depend on the division into micro-shards. A gain that a term keeps with such a teacher is not due
    /// to the teacher.
    package func shufflingTeacher() -> ObjectiveInput {
        var orders: [Int: [Int32]] = [:]
        func order(_ stage: Int) -> [Int32] {
            if let known = orders[stage] { return known }
            var order: [Int32] = []
            for (range, sample) in zip(cloudRanges(ofStage: stage), samples) {
                var generator = CounterGenerator(
                    seed: seed, step: step, sample: sample, purpose: .init("placebo \(stage)"))
                order += range.map { Int32($0) }.shuffled(using: &generator)
            }
            orders[stage] = order
            return order
        }
        func shuffled(_ outputs: NetworkOutputs) -> NetworkOutputs {
            NetworkOutputs(
                logits: outputs.logits.gatherRows(order(0)),
                features: outputs.taps.map { tap in
                    (tap, outputs.features(at: tap).gatherRows(order(tap.stage)))
                },
                auxiliary: outputs.auxiliaryTaps.map { tap in
                    (tap, outputs.auxiliary(at: tap).gatherRows(order(tap.stage)))
                })
        }
        return replacingTeacher(
            weak: teacher.map(shuffled), strong: strong?.teacher.map(shuffled))
    }
}
