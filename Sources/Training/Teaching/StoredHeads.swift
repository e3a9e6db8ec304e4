public import Networks
public import Tensors

/// Auxiliary heads that were trained on a network and stored beside it.
public struct StoredHeads: Sendable {
    /// The heads.
    public let heads: AuxiliaryHeads
    /// Their weights, in the order of their specifications.
    public let weights: Weights

    /// What the names of heads' parameters begin with.
    static let prefix = "auxiliary."

    /// The heads among the parameters of a run's objectives, whatever objective trained them; nil if
    /// there are none.
    ///
    /// Throws one sentence if they do not fit the network.
    public init?(of network: any Network, among parameters: Weights) throws {
        var named = Weights()
        for parameter in parameters {
            guard let place = parameter.name.firstRange(of: Self.prefix) else { continue }
            var head = parameter
            head.name = String(parameter.name[place.lowerBound...])
            // Where several objectives have trained heads, the first one's are the teacher's.
            guard named[head.name] == nil else { continue }
            named.append(head)
        }
        var taps: [Tap] = []
        var classes = 0
        for parameter in named where parameter.name.hasSuffix(".classes.weight") {
            let parts = parameter.name.split(separator: ".")
            guard parts.count == 4, let tap = Tap(String(parts[1])) else { continue }
            taps.append(tap)
            classes = parameter.shape.first ?? 0
        }
        guard !taps.isEmpty else { return nil }
        heads = try AuxiliaryHeads(for: network, at: taps, classes: classes)
        weights = try Weights(adopting: named, for: heads.specifications)
    }

    /// Each head's scores, from features the network gave at the heads' taps.
    func scores(_ outputs: Outputs) -> [(tap: Tap, tensor: Tensor)] {
        let pass = Pass(.evaluation, of: heads.specifications, weights)
        return Array(zip(heads.taps, heads(outputs, pass)))
    }
}
