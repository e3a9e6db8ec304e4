package import Tensors

/// Two groups of named tensors side by side: what one alone has, and how far the others are apart.
package struct WeightsComparison: Sendable {
    /// A tensor that both have.
    package struct Pair: Sendable {
        /// Its name.
        package var name: String
        /// Its shapes; where they differ nothing else is compared.
        package var shapes: (first: [Int], second: [Int])
        /// How far its values are apart; nil where the shapes differ.
        package var difference: TensorDifference?
    }

    /// Names that the first group alone has.
    package var onlyInFirst: [String] = []
    /// Names that the second group alone has.
    package var onlyInSecond: [String] = []
    /// The tensors of both, in the first group's order.
    package var pairs: [Pair] = []

    /// Compares tensors of the same names, whatever their order.
    package init(_ first: Weights, _ second: Weights) {
        onlyInSecond = second.names.filter { first.place(of: $0) == nil }
        for tensor in first {
            guard let place = second.place(of: tensor.name) else {
                onlyInFirst.append(tensor.name)
                continue
            }
            let other = second[place]
            pairs.append(
                Pair(
                    name: tensor.name, shapes: (tensor.shape, other.shape),
                    difference: tensor.shape == other.shape
                        ? TensorDifference(tensor.tensor, other.tensor) : nil))
        }
    }

    /// The tensors that are not the same, those furthest apart first.
    package var differing: [Pair] {
        pairs.filter { $0.difference?.isNone != true }.sorted {
            let (a, b) = ($0.difference?.ulps ?? .max, $1.difference?.ulps ?? .max)
            return a == b ? WeightsDigest.precedes($0.name, $1.name) : a > b
        }
    }

    /// All differences together.
    package var whole: TensorDifference {
        pairs.compactMap(\.difference).reduce(TensorDifference(), +)
    }

    /// Whether both have the same tensors, bit for bit.
    package var isSame: Bool {
        onlyInFirst.isEmpty && onlyInSecond.isEmpty
            && pairs.allSatisfy { $0.difference?.isNone == true }
    }
}
