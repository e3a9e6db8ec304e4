import Checkpoints
import Foundation
import NetworkTesting
import Networks
import PointClouds
import TensorTesting
import Tensors
import Testing
import Training

/// Scores, features, activations and gradients of imported networks against the public code.
@Suite struct PublicNetworkTests {
    @Test(arguments: NetworkFixture.folders)
    func importedNetworkMatchesPublicCode(folder: URL) throws {
        let fixture = try NetworkFixture(folder)
        try #require(!fixture.clouds.isEmpty)
        for cloud in fixture.clouds { try checkEvaluation(fixture, cloud) }
        if fixture.has("cloud0.train.outputs") { try checkTraining(fixture) }
    }

    private func checkEvaluation(_ fixture: NetworkFixture, _ cloud: String) throws {
        let (scene, _) = try fixture.scene(of: cloud)
        let expected = try fixture.file(cloud + ".eval.outputs")
        var activations: [String: Tensor] = [:]
        let network = fixture.model.network
        // The features of an encoder without decoder exist stage by stage only.
        let taps = network.taps.map(\.tap).filter { $0 == .lastDecoderStage }
        let context = ForwardContext(
            .evaluation, of: network.specifications, fixture.model.weights, taps: taps
        ) { path, value in activations["activation." + path.dropFirst("backbone.".count)] = value }
        let outputs = network(scene, context)
        for name in expected.names where name.hasPrefix("activation.") {
            let value = try #require(activations[name], "\(name) is not recorded")
            let stage = try #require(Tap(network.part(of: "backbone." + name.dropFirst(11)))?.stage)
            // The first Point Transformer V3 numbers pooled voxels along the first curve, as we do.
            let isOurs = stage == 0 || network.geometry.stageCurves == .inherited
            let rows =
                isOurs ? Array(0..<value.rows) : scene.hierarchy.rowsByCoordinate(ofStage: stage)
            let error = scaledDifference(
                value.gatherRows(rows.map { Int32($0) }), try expected.tensor(name))
            #expect(error <= fixture.tolerance, "\(cloud) \(name): \(error)")
        }
        let ofLogits = scaledDifference(outputs.logits, try expected.tensor("logits"))
        #expect(ofLogits <= fixture.tolerance, "\(cloud) logits: \(ofLogits)")
        guard !taps.isEmpty else { return }
        let ofFeatures = scaledDifference(outputs.features(), try expected.tensor("features"))
        #expect(ofFeatures <= fixture.tolerance, "\(cloud) features: \(ofFeatures)")
    }

    /// Each gradient within 1e-3 of its norm; those that are zero in exact arithmetic within 1e-5.
    private func checkTraining(_ fixture: NetworkFixture) throws {
        let (scene, labels) = try fixture.scene(of: "cloud0")
        let tape = Tape()
        let network = fixture.model.network
        let context = ForwardContext(
            .training(seed: 1, step: 0, samples: [0]), of: network.specifications,
            fixture.model.weights, on: tape)
        let outputs = network(scene, context)
        let expected = try fixture.file("cloud0.train.outputs")
        let ofLogits = scaledDifference(outputs.logits, try expected.tensor("logits"))
        #expect(ofLogits <= 1e-4, "logits in training: \(ofLogits)")
        let (loss, slope) = crossEntropy(outputs.logits.detached, labels)
        let expectedLoss = Double(try expected.tensor("loss").values[0])
        #expect((loss - expectedLoss).magnitude <= 1e-5, "loss: \(loss), \(expectedLoss)")
        let gradients = tape.gradients(from: outputs.logits, seed: slope)
        let references = try fixture.file("cloud0.train.gradients")
        #expect(Set(context.variables.map(\.name)) == Set(references.names))
        for (name, variable) in context.variables {
            let reference = try references.tensor(name)
            let gradient = try #require(gradients[variable], "\(name) has no gradient")
            let norm = reference.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            guard norm > 1e-6 else {
                let largest = gradient.values.reduce(0) { max($0, $1.magnitude) }
                #expect(largest <= 1e-5, "\(name): \(largest), should be 0")
                continue
            }
            let error = relativeError(gradient, reference)
            #expect(error <= 1e-3, "gradient of \(name): \(error)")
        }
    }
}
