import Networks
import Tensors
import Testing

@Suite struct WeightsTests {
    let network: PointTransformerV3
    let weights: Weights

    init() throws {
        network = try PointTransformerV3(small)
        weights = network.initialWeights(seed: 2026)
    }

    /// Changing how first weights are drawn makes every published run another run.
    @Test func firstWeightsAreTheSameEverywhere() {
        var bytes = ""
        for weight in weights {
            bytes += weight.name
            for value in weight.tensor.values { bytes += String(value.bitPattern, radix: 16) }
        }
        #expect(fnv1a(bytes) == 18_342_951_333_110_401_942)
    }

    @Test func firstWeightsHaveTheirDistribution() throws {
        let qkv = try #require(weights["backbone.enc.enc1.block0.attn.qkv.weight"])
        #expect(qkv.rows == 48 && qkv.columns == 16)
        #expect(qkv.values.allSatisfy { $0.magnitude <= 0.25 })
        let variance = qkv.values.reduce(0) { $0 + $1 * $1 } / Float(qkv.count)
        #expect((variance - 0.25 * 0.25 / 3).magnitude < 0.002)
        let stem = try #require(weights["backbone.embedding.stem.conv.weight"])
        #expect(stem.rows == 8 && stem.columns == 500)
        #expect(stem.values.allSatisfy { $0.magnitude <= 0.0447214 })
        #expect(
            weights["backbone.enc.enc0.block0.norm1.0.weight"]?.values == [1, 1, 1, 1, 1, 1, 1, 1])
        #expect(weights["backbone.embedding.stem.norm.running_var"]?.values.min() == 1)
    }

    @Test func firstWeightsOfALayerDependOnItsPathOnly() throws {
        var deeper = small
        deeper.encoderDepths[0] = 2
        let other = try PointTransformerV3(deeper).initialWeights(seed: 2026)
        for weight in weights {
            #expect(other[weight.name]?.values == weight.tensor.values, "\(weight.name)")
        }
    }

    @Test func parametersOfBlocksAreMarked() {
        for specification in network.specifications {
            #expect(specification.inBlock == specification.name.contains(".block"))
        }
    }

    @Test func distributedNamesInAnotherOrderAreAdopted() throws {
        let given = Weights(
            weights.reversed().filter { !$0.name.hasSuffix("num_batches_tracked") }.map {
                NamedTensor(name: "module." + $0.name, shape: $0.shape, tensor: $0.tensor)
            })
        let adopted = try network.adopting(given)
        #expect(adopted.names == weights.names)
        for (mine, theirs) in zip(adopted, weights) {
            #expect(mine.tensor.values == theirs.tensor.values)
        }
    }

    @Test func unsuitableWeightsAreRefusedInOneSentence() throws {
        var given = Array(weights)
        given.removeAll { $0.name.hasPrefix("seg_head.") }
        given.append(
            NamedTensor(
                name: "cls_head.weight", shape: [2, 2],
                tensor: Tensor(rows: 2, columns: 2, filledWith: 0)))
        let place = try #require(given.firstIndex { $0.name.hasSuffix("attn.proj.weight") })
        given[place] = NamedTensor(
            name: given[place].name, shape: [4, 16],
            tensor: Tensor(rows: 4, columns: 16, filledWith: 0))
        let error = #expect(throws: NetworkError.self) { try network.adopting(Weights(given)) }
        #expect(
            error?.description == """
                The weights do not fit the network: 2 missing (seg_head.weight, seg_head.bias), \
                1 not of this network (cls_head.weight), 1 of another shape \
                (backbone.enc.enc0.block0.attn.proj.weight is [4, 16], not [8, 8]); check that the \
                configuration is the one they were trained with.
                """)
    }
}
