package import Tensors
import ZipArchives

/// Merges low-rank adapters (Hu et al., "LoRA", arXiv 2106.09685) into the weights that they adapt:
/// `W + (alpha / r) B A`, A of r rows.
package struct LowRankAdapters: Sendable {
    private let alpha: Float
    private let path: String

    /// A merger for the weights of a file.
    ///
    /// - Parameter alpha: the numerator of the adapters' factor; files do not contain it.
    package init(alpha: Float = 16, path: String) {
        self.alpha = alpha
        self.path = path
    }

    private static let base = ".base_layer."
    private static let (down, up) = (".lora_A.default.weight", ".lora_B.default.weight")

    /// The name of a weight after merging; nil for an adapter's own.
    package static func merged(_ name: String) -> String? {
        if name.hasSuffix(down) || name.hasSuffix(up) { return nil }
        return name.replacing(base, with: ".")
    }

    /// The weights with every adapter merged.
    package func merge(_ weights: Weights) throws -> Weights {
        let named = Dictionary(weights.map { ($0.name, $0.tensor) }) { $1 }
        let adapted = named.keys.filter { $0.hasSuffix(Self.down) || $0.hasSuffix(Self.up) }
            .sorted()
        guard !adapted.isEmpty else { return weights }
        let bases = Set(
            adapted.map { name in
                String(name.dropLast(name.hasSuffix(Self.down) ? Self.down.count : Self.up.count))
            })
        for base in bases.sorted() {
            let weight = base + Self.base + "weight"
            guard let w = named[weight], let a = named[base + Self.down],
                let b = named[base + Self.up], b.columns == a.rows, w.rows == b.rows,
                w.columns == a.columns
            else {
                throw SourceError(
                    "The adapter of \(base) in \(path) does not fit a weight \(weight): the file must "
                        + "hold the weight and both factors, lora_A and lora_B.")
            }
        }
        return Weights(
            weights.compactMap { weight in
                guard let name = Self.merged(weight.name) else { return nil }
                var merged = weight
                merged.name = name
                let base = name.hasSuffix(".weight") ? String(name.dropLast(".weight".count)) : name
                if bases.contains(base), let a = named[base + Self.down],
                    let b = named[base + Self.up]
                {
                    merged = NamedTensor(
                        name: name, shape: weight.shape,
                        tensor: weight.tensor + b.matmul(a).scaled(by: alpha / Float(a.rows)))
                }
                return merged
            })
    }
}
