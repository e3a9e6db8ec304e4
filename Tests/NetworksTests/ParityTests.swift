import Checkpoints
import Foundation
import NetworkTesting
import Networks
import PointClouds
import TensorTesting
import Tensors
import Testing

/// Scores, activations, gradients and running statistics against the public PyTorch model.
@Suite struct ParityTests {
    @Test(arguments: Fixture.folders)
    func everyRunMatchesPyTorch(folder: URL) throws {
        let fixture = try Fixture(folder)
        try #require(!fixture.runs.isEmpty)
        #expect(fixture.network.parameterCount == fixture.parameters)
        for run in fixture.runs { try check(run, of: fixture) }
    }

    private func check(_ run: Fixture.Run, of fixture: Fixture) throws {
        let (scene, labels) = try fixture.scene(of: run)
        let expected = try fixture.file(run.name + ".outputs")
        let tape = Tape()
        var activations: [(path: String, value: Tensor)] = []
        let context = ForwardContext(
            run.isTraining ? training(scene) : .evaluation, of: fixture.network, fixture.weights,
            on: tape, taps: [.lastDecoderStage]
        ) { path, value in activations.append((path, value.detached)) }
        let outputs = fixture.network(scene, context)

        let names = expected.names.filter { $0.hasPrefix("activation.") }.sorted()
        #expect(activations.map { activation(of: $0.path) }.sorted() == names)
        for (path, value) in activations {
            let error = scaledDifference(value, try expected.tensor(activation(of: path)))
            #expect(error <= 1e-4, "\(run.name) \(path): \(error)")
        }
        let ofLogits = scaledDifference(outputs.logits, try expected.tensor("logits"))
        #expect(ofLogits <= 1e-4, "\(run.name) logits: \(ofLogits)")
        let ofFeatures = scaledDifference(outputs.features(), try expected.tensor("features"))
        #expect(ofFeatures <= 1e-4, "\(run.name) features: \(ofFeatures)")

        let (loss, slope) = crossEntropy(outputs.logits.detached, labels)
        #expect((loss - run.loss).magnitude <= 1e-5, "\(run.name) loss: \(loss), \(run.loss)")
        let gradients = tape.gradients(from: outputs.logits, seed: slope)
        try checkGradients(gradients, context, run, fixture)
        try checkStatistics(context, run, fixture)
    }

    /// Each gradient within 1e-3 of its norm; those that are zero in exact arithmetic within 1e-5.
    private func checkGradients(
        _ gradients: Gradients, _ context: ForwardContext, _ run: Fixture.Run, _ fixture: Fixture
    ) throws {
        guard fixture.has(run.name + ".gradients") else { return }
        let expected = try fixture.file(run.name + ".gradients")
        #expect(Set(context.variables.map(\.name)) == Set(expected.names))
        for (name, variable) in context.variables {
            let reference = try expected.tensor(name)
            let gradient = try #require(gradients[variable], "\(name) has no gradient")
            if run.zeroGradients.contains(name) {
                let largest = gradient.values.reduce(0) { max($0, $1.magnitude) }
                #expect(largest <= 1e-5, "\(run.name) \(name): \(largest), should be 0")
                continue
            }
            let relative = relativeError(gradient, reference)
            #expect(relative <= 1e-3, "\(run.name) gradient of \(name): \(relative)")
        }
    }

    private func checkStatistics(_ context: ForwardContext, _ run: Fixture.Run, _ fixture: Fixture)
        throws
    {
        #expect(context.moments.isEmpty != run.isTraining)
        guard fixture.has(run.name + ".running_statistics") else { return }
        let expected = try fixture.file(run.name + ".running_statistics")
        let updated = fixture.weights.updatedStatistics(of: context.moments)
        for name in expected.names {
            let value = try #require(updated[name])
            let error = scaledDifference(value, try expected.tensor(name))
            #expect(error <= 1e-5, "\(run.name) \(name): \(error)")
        }
    }

    private func training(_ scene: Scene) -> ForwardContext.Mode {
        .training(
            seed: 1, step: 0,
            samples: scene.hierarchy.stages[0].cloudRanges.indices.map { UInt64($0) })
    }

    private func activation(of path: String) -> String {
        "activation." + path.dropFirst("backbone.".count)
    }
}
