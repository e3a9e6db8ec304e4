package import Distillation
package import Networks
package import Tensors

/// A frozen network whose weights are packed for products.
package struct Teacher: Sendable {
    /// The network.
    package let network: any Network
    /// The weights, in the order of the network's specifications, packed for products.
    private let weights: Weights
    /// The stored auxiliary heads; nil if there are none.
    package let heads: StoredHeads?
    private let mapping: ClassMapping?

    /// A teacher of a network and its weights.
    ///
    /// Throws one sentence if this processor does not support the precision.
    ///
    /// - Parameter mapping: from its classes to those of the data; nil if they are the same.
    package init(
        network: any Network, weights: Weights, precision: ProductPrecision = .float32,
        heads: StoredHeads? = nil, mapping: ClassMapping? = nil
    ) throws {
        try self.init(
            network: network, frozen: weights.frozen(for: network, precision: precision),
            precision: precision, heads: heads, mapping: mapping)
    }

    /// A teacher whose weights are packed for products already.
    init(
        network: any Network, frozen weights: @autoclosure () throws -> Weights,
        precision: ProductPrecision, heads: StoredHeads?, mapping: ClassMapping?
    ) throws {
        try Self.check(precision)
        self.network = network
        self.weights = try weights()
        self.heads = heads
        self.mapping = mapping
    }

    /// Throws one sentence if this processor does not support the precision.
    static func check(_ precision: ProductPrecision) throws(ModelError) {
        guard precision.isAvailable else {
            throw ModelError(
                "The teacher is to compute in \(precision.rawValue), which this processor does "
                    + "not have: set teacher.precision to float32, or use machines with "
                    + "AVX512_BF16 alone.")
        }
    }

    /// The packed weights, each as one row.
    var laidOut: [NamedTensor] {
        weights.map { weight in
            let flat = weight.tensor.laidOut
            return NamedTensor(name: weight.name, shape: [flat.count], tensor: flat)
        }
    }

    /// The teacher's taps, heads and geometry.
    package var side: NetworkPair.Side { .init(network, auxiliary: heads?.heads) }

    /// The requested outputs for a scene.
    package func outputs(for scene: Scene, _ query: TeacherQuery) -> NetworkOutputs {
        let taps = query.taps
        // Heads read features of their own taps, which the query need not list.
        let further = query.heads.filter { !taps.contains($0) }
        let pass = ForwardContext(.evaluation, of: network, weights, taps: taps + further)
        let outputs = network(scene, pass)
        return NetworkOutputs(
            logits: mapping.map { $0(outputs.logits) } ?? outputs.logits,
            features: taps.map { ($0, outputs.features(at: $0)) },
            auxiliary: query.heads.isEmpty ? [] : heads?.scores(outputs) ?? [])
    }
}
