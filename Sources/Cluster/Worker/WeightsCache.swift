import Networks
import Synchronization
import Tensors
import Training

/// The assembled weights of the versions in use, shared by all compute threads.
///
/// A version is assembled once: one for the step being computed and one for labelling samples,
/// which may differ, as labelling uses moving averages where the recipe keeps them. Frozen
/// parameters are the same in every version and are assembled once per run.
final class WeightsCache: Sendable {
    private struct State {
        var step: (version: Int, weights: StepWeights)?
        var labelling: (version: Int, weights: Weights)?
        var frozen: Weights?
    }

    private let parameters: RunParameters
    private let state = Mutex(State())

    /// An empty cache for a run's parameters.
    init(_ parameters: RunParameters) { self.parameters = parameters }

    /// The weights of a version as a training step uses them.
    func stepWeights(of version: WeightsVersion) -> StepWeights {
        if let known = state.withLock({ $0.step }), known.version == version.version {
            return known.weights
        }
        let (student, own) = assemble(version.values, of: version)
        let weights = StepWeights(
            student: student, own: own,
            average: version.averages.map { assemble($0, of: version) })
        state.withLock { $0.step = (version.version, weights) }
        return weights
    }

    /// The student's weights of a version as labelling uses them.
    func labellingWeights(of version: WeightsVersion) -> Weights {
        guard version.areAverages else { return stepWeights(of: version).student }
        if let known = state.withLock({ $0.labelling }), known.version == version.version {
            return known.weights
        }
        let student = assemble(version.values, of: version).student
        state.withLock { $0.labelling = (version.version, student) }
        return student
    }

    // No lock is held while weights are assembled: two threads may assemble the same version at the
    // same time, with equal results, but no thread waits for a lookup.
    private func assemble(
        _ values: WeightsVersion.Values, of version: WeightsVersion
    ) -> (student: Weights, own: Weights) {
        parameters.weights(
            buckets: values.buckets, statistics: values.statistics,
            constant: frozen(in: version))
    }

    private func frozen(in version: WeightsVersion) -> Weights {
        if let known = state.withLock({ $0.frozen }) { return known }
        let frozen = parameters.frozen.unpacked(version.frozen)
        state.withLock { $0.frozen = frozen }
        return frozen
    }
}
