import Distillation
import NetworkTesting
import Networks
import PointClouds
import Tensors
import Testing

/// Stages, turns and objective parameters of an input.
@Suite struct ObjectiveInputTests {
    /// Two clouds along x: cells 0 and 1 pool into one, 2 and 3 into another, 4 stays alone.
    private func input(labels: [Int32], turns: [Int]? = nil) throws -> ObjectiveInput {
        let cells = (0..<Int32(5)).map { SIMD3($0, 0, 0) }
        let hierarchy = try PointHierarchy(
            gridCoordinates: [cells, Array(cells.prefix(2))], strides: [2], orders: [.z])
        let logits = Tensor(rows: 7, columns: 3, filledWith: 0)
        return ObjectiveInput(
            hierarchy: hierarchy,
            positions: hierarchy.stages[0].cloudRanges.map { $0.map { SIMD3(Float($0), 0, 0) } },
            samples: [7, 8], cloudIDs: [0, 1], labels: labels, classes: 3,
            student: NetworkOutputs(
                logits: logits, features: [(.lastDecoderStage, logits)]),
            teacher: nil, quarterTurns: turns,
            seed: 1, step: 0)
    }

    @Test func stageLabelIsTheMajorityOfItsPoints() throws {
        let input = try input(labels: [2, -1, 1, 0, -1, 1, 1])
        #expect(input.rows(ofStage: 1) == 4)
        #expect(input.labels(ofStage: 0) == input.labels)
        // One labelled member; a tie, won by the smaller class; no labelled member; all alike.
        #expect(input.labels(ofStage: 1) == [2, 0, ObjectiveInput.ignored, 1])
        #expect(input.cloudRanges(ofStage: 1) == [0..<3, 3..<4])
        #expect(
            try self.input(labels: [-3, 2, -7, -1, -1, 1, 1]).labels(ofStage: 1)[0...1] == [2, -1])
    }

    @Test func turnsAreTheCloudsAtEveryStage() throws {
        let input = try input(labels: [0, 0, 0, 0, 0, 0, 0], turns: [3, 1])
        #expect(input.quarterTurns(ofStage: 0) == [3, 3, 3, 3, 3, 1, 1])
        #expect(input.quarterTurns(ofStage: 1) == [3, 3, 3, 1])
        #expect(try self.input(labels: input.labels).quarterTurns(ofStage: 1) == nil)
    }

    /// Layers of Networks, auxiliary heads among them, compute with an objective's own parameters.
    @Test func layersComputeWithObjectiveParameters() throws {
        let heads = AuxiliaryHeads(
            at: [.init(tap: .encoder(1), width: 3), .init(tap: .decoder(0), width: 2)], classes: 8)
        let first = Weights(initially: heads.specifications, seed: 3)
        let tape = Tape()
        let own = BoundParameters(first.map { ($0.name, $0.tensor) }).variables(on: tape)
        let features = [
            Tap.encoder(1): Tensor(rows: 4, columns: 3, (0..<12).map { Float($0) }),
            .decoder(0): Tensor(rows: 7, columns: 2, (0..<14).map { Float($0) }),
        ]
        let scores = heads(own.forwardContext) { features[$0]! }
        #expect(scores.map { [$0.rows, $0.columns] } == [[4, 8], [7, 8]])
        let gradients = tape.gradients(from: scores[0].sum() + scores[1].sum())
        for (name, tensor) in zip(own.names, own.tensors) {
            #expect(gradients[tensor] != nil, "\(name)")
        }
        let known = own["auxiliary.dec0.classes.weight"]
        #expect(known.rows == 8 && known.columns == 2)
    }

    @Test func movedInputSharesItsValues() throws {
        let input = try input(labels: [0, 0, 0, 0, 0, 0, 0])
        let share = try WeightedSum(CrossEntropy()).share(
            of: input, given: [Totals(CrossEntropy().contribution(of: input))])
        // The student's outputs are on no tape, yet the gradient is computed.
        #expect(share.seeds.count == 1 && share.seeds[0].seed.squaredNorm > 0)
        #expect(!share.seeds[0].output.requiresGradient)
    }
}
