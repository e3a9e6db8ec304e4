import NetworkTesting
import Networks
import PointClouds
import Tensors
import Testing

@Suite struct AuxiliaryHeadsTests {
    @Test func headsReadTheirTapsAndDoNotChangeTheNetwork() throws {
        let network = try PointTransformerV3(small)
        let heads = try AuxiliaryHeads(for: network, at: [.encoder(1), .decoder(0)], classes: 20)
        let scene = try Scene(for: network, voxels: [80, 40], seed: 2)
        let weights = network.initialWeights(seed: 1)
        let headWeights = Weights(initially: heads.specifications, seed: 1)
        #expect(headWeights.names.allSatisfy { $0.hasPrefix("auxiliary.") })

        let tape = Tape()
        let mode = ForwardContext.Mode.training(seed: 1, step: 3, samples: [8, 9])
        let context = ForwardContext(mode, of: network, weights, on: tape, taps: heads.taps)
        let headPass = ForwardContext(mode, of: heads.specifications, headWeights, on: tape)
        let outputs = network(scene, context)
        let scores = heads(outputs, headPass)
        #expect(scores.map(\.columns) == [20, 20])
        #expect(scores.map(\.rows) == [scene.hierarchy.stages[1].rows, 120])

        let plain = network(scene, ForwardContext(mode, of: network, weights)).logits
        #expect(plain.values == outputs.logits.values)

        let gradients = tape.gradients(
            from: scores.map {
                ($0, Tensor(rows: $0.rows, columns: $0.columns, $0.values))
            })
        for (name, variable) in headPass.variables {
            #expect(gradients[variable] != nil, "\(name)")
        }
        #expect(gradients[context.variables[0].tensor] != nil)
    }

    @Test func missingTapIsNamed() throws {
        let network = try PointTransformerV3(small)
        #expect(throws: NetworkError.self) {
            try AuxiliaryHeads(for: network, at: [.decoder(2)], classes: 4)
        }
    }
}
