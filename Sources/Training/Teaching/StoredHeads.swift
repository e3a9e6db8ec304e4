package import Networks
package import Tensors

/// Auxiliary heads that were trained on a network and stored with it.
package struct StoredHeads: Sendable {
    /// The heads.
    package let heads: AuxiliaryHeads
    /// Their weights, in the order of their specifications.
    package let weights: Weights

    /// The prefix of the names of heads' parameters.
    static let prefix = "auxiliary."

    /// The heads among the parameters of a run's objectives; nil if there are none.
    ///
    /// Throws one sentence if they do not fit the network.
    package init?(of network: any Network, among parameters: Weights) throws {
        var named = Weights()
        for parameter in parameters {
            // The prefix is searched for anywhere: objectives put their own name before it.
            guard let place = parameter.name.firstRange(of: Self.prefix) else { continue }
            var head = parameter
            head.name = String(parameter.name[place.lowerBound...])
            // Where several objectives have trained heads, the first one's are the teacher's.
            guard named[head.name] == nil else { continue }
            named.append(head)
        }
        guard let places = Self.places(named.map { ($0.name, $0.shape) }) else { return nil }
        heads = try AuxiliaryHeads(for: network, at: places.taps, classes: places.classes)
        weights = try Weights(adopting: named, for: heads.specifications)
    }

    /// The heads among parameters of the given names and shapes; nil if there are none.
    static func places(_ parameters: [(name: String, shape: [Int])]) -> Places? {
        var places = Places(taps: [], classes: 0)
        for (name, shape) in parameters where name.hasSuffix(".classes.weight") {
            let parts = name.split(separator: ".")
            guard parts.count == 4, name.hasPrefix(prefix), let tap = Tap(String(parts[1])) else {
                continue
            }
            places.taps.append(tap)
            // The first dimension of a classifier's weight is its number of scores.
            places.classes = shape.first ?? 0
        }
        return places.taps.isEmpty ? nil : places
    }

    /// The taps and the number of scores of the heads.
    package var places: Places { Places(taps: heads.taps, classes: heads.classes) }

    /// Taps of heads, and the number of scores of each.
    package struct Places: Codable, Sendable, Hashable {
        /// The tap of each head.
        package var taps: [Tap]
        /// The number of scores per row of each head.
        package var classes: Int
    }

    /// The scores of each head, from the network's features at the heads' taps.
    func scores(_ outputs: NetworkOutputs) -> [(tap: Tap, tensor: Tensor)] {
        let pass = ForwardContext(.evaluation, of: heads.specifications, weights)
        return Array(zip(heads.taps, heads(outputs, pass)))
    }
}
