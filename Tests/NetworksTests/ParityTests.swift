import Checkpoints
import Foundation
import Networks
import PointClouds
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
            let error = difference(value, try expected.tensor(activation(of: path)))
            #expect(error <= 1e-4, "\(run.name) \(path): \(error)")
        }
        let ofLogits = difference(outputs.logits, try expected.tensor("logits"))
        #expect(ofLogits <= 1e-4, "\(run.name) logits: \(ofLogits)")
        let ofFeatures = difference(outputs.features(), try expected.tensor("features"))
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
            let error = zip(gradient.values, reference.values).reduce(0.0) {
                let offset = Double($1.0) - Double($1.1)
                return $0 + offset * offset
            }
            let norm = reference.values.reduce(0.0) { $0 + Double($1) * Double($1) }
            let relative = (error / norm).squareRoot()
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
            let error = difference(value, try expected.tensor(name))
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

/// The largest difference of two values, relative to the largest value where that is above 1.
func difference(_ value: Tensor, _ reference: Tensor) -> Double {
    guard value.rows == reference.rows && value.columns == reference.columns else {
        return .infinity
    }
    let largest = reference.values.reduce(1) { max($0, $1.magnitude) }
    return zip(value.values, reference.values).reduce(0) {
        let offset = Double(($1.0 - $1.1).magnitude) / Double(largest)
        return offset > $0 || offset.isNaN ? offset : $0
    }
}

/// The mean cross entropy over labelled points, and its gradient by the scores.
func crossEntropy(_ logits: Tensor, _ labels: [Int]) -> (loss: Double, gradient: Tensor) {
    let classes = logits.columns
    let scores = logits.values
    var slope = [Float](repeating: 0, count: scores.count)
    let labelled = Double(labels.count { $0 >= 0 })
    var loss = 0.0
    for (row, label) in labels.enumerated() where label >= 0 {
        let ofRow = scores[row * classes..<(row + 1) * classes].map { Double($0) }
        let largest = ofRow.max() ?? 0
        let sum = ofRow.reduce(0) { $0 + exp($1 - largest) }
        loss += (largest + log(sum) - ofRow[label]) / labelled
        for column in 0..<classes {
            let share = exp(ofRow[column] - largest) / sum
            slope[row * classes + column] = Float((share - (column == label ? 1 : 0)) / labelled)
        }
    }
    return (loss, Tensor(rows: logits.rows, columns: classes, slope))
}
