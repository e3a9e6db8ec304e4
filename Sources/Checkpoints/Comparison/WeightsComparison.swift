package import Tensors

/// A comparison of two groups of named tensors.
package struct WeightsComparison: Sendable {
    /// A tensor of both groups.
    package struct Pair: Sendable {
        /// The tensor's name.
        package var name: String
        /// The tensor's shapes; if they differ, values are not compared.
        package var shapes: (first: [Int], second: [Int])
        /// The difference of the values; nil if the shapes differ.
        package var difference: TensorDifference?
    }

    /// Names that only the first group has.
    package var onlyInFirst: [String] = []
    /// Names that only the second group has.
    package var onlyInSecond: [String] = []
    /// The tensors of both groups, in the first group's order.
    package var pairs: [Pair] = []

    /// Compares tensors by name, regardless of their order.
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

    /// The tensors that differ, by decreasing distance.
    package var differing: [Pair] {
        pairs.filter { $0.difference?.isNone != true }.sorted {
            let (a, b) = ($0.difference?.ulps ?? .max, $1.difference?.ulps ?? .max)
            return a == b ? WeightsDigest.precedes($0.name, $1.name) : a > b
        }
    }

    /// The difference over all tensors.
    package var whole: TensorDifference {
        pairs.compactMap(\.difference).reduce(TensorDifference(), +)
    }

    /// Whether both groups have the same tensors with equal bits.
    package var isSame: Bool {
        onlyInFirst.isEmpty && onlyInSecond.isEmpty
            && pairs.allSatisfy { $0.difference?.isNone == true }
    }
}
