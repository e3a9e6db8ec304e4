package import Networks
package import Tensors

/// Auxiliary heads that were trained on a network and stored beside it.
package struct StoredHeads: Sendable {
    /// The heads.
    package let heads: AuxiliaryHeads
    /// Their weights, in the order of their specifications.
    package let weights: Weights

    /// What the names of heads' parameters begin with.
    static let prefix = "auxiliary."

    /// The heads among the parameters of a run's objectives, whatever objective trained them; nil if
    /// there are none.
    ///
    /// Throws one sentence if they do not fit the network.
    package init?(of network: any Network, among parameters: Weights) throws {
        var named = Weights()
        for parameter in parameters {
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
            places.classes = shape.first ?? 0
        }
        return places.taps.isEmpty ? nil : places
    }

    /// Which heads there are.
    package var places: Places { Places(taps: heads.taps, classes: heads.classes) }

    /// Where heads read, and how many scores each gives.
    package struct Places: Codable, Sendable, Hashable {
        /// The tap of each head.
        package var taps: [Tap]
        /// Scores of a row that each gives.
        package var classes: Int
    }

    /// Each head's scores, from features the network gave at the heads' taps.
    func scores(_ outputs: NetworkOutputs) -> [(tap: Tap, tensor: Tensor)] {
        let pass = ForwardContext(.evaluation, of: heads.specifications, weights)
        return Array(zip(heads.taps, heads(outputs, pass)))
    }
}
