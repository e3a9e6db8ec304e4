package import Tensors
import ZipArchives

/// Folds a network of several data sets (Point Prompt Training, Wu et al., arXiv 2308.09718) into the plain
/// network of one of them, which computes the same scores.
///
/// Each of its norms is a list, one for each data set; an adaptive one is scaled and shifted by a linear
/// function of the data set's context, which is a constant. Heads are linear, one for each data set, or
/// compare features with embeddings of class names.
package struct PromptFold: Sendable {
    /// The data sets of a network in the orders of its parts.
    package struct DataSets: Sendable {
        /// Those of the norms, the backbone's `pdnorm_conditions`.
        package var norms = ["ScanNet", "S3DIS", "Structured3D"]
        /// Those of heads and contexts, the segmentor's `conditions`.
        package var heads = ["Structured3D", "ScanNet", "S3DIS"]

        /// The public code's own orders.
        package init() {}
    }

    // Rows of class_embedding that each data set labels, in the public code.
    private static let classes: [String: [Int]] = [
        "Structured3D": [
            0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 23, 25, 26, 33, 34,
            35,
        ],
        "ScanNet": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 15, 20, 22, 24, 25, 27, 34],
        "S3DIS": [0, 1, 4, 5, 6, 7, 8, 10, 19, 29, 30, 31, 32],
    ]
    private static let norms = [
        ".stem.norm", ".down.norm.0", ".cpe.2", ".norm1.0", ".norm2.0", ".up.proj.1",
        ".up.proj_skip.1",
    ]

    private enum Role {
        /// A value of the norm at a path for the data set of this number.
        case norm(String, Int, leaf: String)
        /// A value of an adaptive norm's function of the context.
        case modulation
        case head(Int, leaf: String)
        case context, embedding, scale
        case plain
    }

    private let path: String
    private let dataSet: String
    private let norm: Int
    private let head: Int

    /// The fold of weights of these names; nil for a network of one data set.
    ///
    /// - Parameters:
    ///   - dataSet: the data set to keep; must be named for a network of several.
    ///   - path: the file, for messages.
    package init?(
        of names: some Sequence<String>, keeping dataSet: String?, _ dataSets: DataSets,
        path: String
    ) throws {
        var (norms, heads) = (0, 0)
        var isPrompted = false
        for name in names {
            switch Self.role(of: name) {
            case .norm(_, let number, _):
                norms = max(norms, number + 1)
                isPrompted = true
            case .head(let number, _):
                heads = max(heads, number + 1)
                isPrompted = true
            case .modulation, .context, .embedding, .scale: isPrompted = true
            case .plain: break
            }
        }
        guard isPrompted else {
            guard dataSet == nil else {
                throw SourceError(
                    "The weights in \(path) are of one data set: leave out --condition.")
            }
            return nil
        }
        guard let dataSet else {
            throw SourceError(
                "The weights in \(path) are of several data sets: choose one with --condition, as "
                    + "\(dataSets.norms.joined(separator: ", ")).")
        }
        for (count, named, option) in [
            (norms, dataSets.norms, "--norm-conditions"),
            (heads, dataSets.heads, "--head-conditions"),
        ] where count > 0 && count != named.count {
            throw SourceError(
                "The weights in \(path) are of \(count) data sets, not of the \(named.count) "
                    + "\(named.joined(separator: ", ")): give their names in the file's order with "
                    + "\(option).")
        }
        guard let norm = norms == 0 ? 0 : dataSets.norms.firstIndex(of: dataSet),
            let head = dataSets.heads.firstIndex(of: dataSet)
        else {
            throw SourceError(
                "--condition is \(dataSet), which is none of the data sets "
                    + "\(dataSets.norms.joined(separator: ", ")) and "
                    + "\(dataSets.heads.joined(separator: ", ")).")
        }
        (self.path, self.dataSet, self.norm, self.head) = (path, dataSet, norm, head)
    }

    private static func role(of name: String) -> Role {
        switch name {
        case "embedding_table.weight": return .context
        case "class_embedding": return .embedding
        case "logit_scale": return .scale
        default: break
        }
        let words = name.split(separator: ".")
        if words.count == 3, words[0] == "seg_heads", let number = Int(words[1]) {
            return .head(number, leaf: String(words[2]))
        }
        if words.count > 3, words[words.count - 3] == "norm",
            let number = Int(words[words.count - 2])
        {
            let path = words.dropLast(3).joined(separator: ".")
            if norms.contains(where: { path.hasSuffix($0) }) {
                return .norm(path, number, leaf: String(words[words.count - 1]))
            }
        }
        return name.contains(".modulation.1.") ? .modulation : .plain
    }

    /// The name and shape of a weight in the plain network; nil for one that is folded or of another
    /// data set.
    package func folded(_ name: String, _ shape: [Int]) -> (name: String, shape: [Int])? {
        switch Self.role(of: name) {
        case .norm(let path, norm, let leaf): (path + "." + leaf, shape)
        case .head(head, let leaf): ("seg_head." + leaf, shape)
        case .embedding:
            (name, [Self.classes[dataSet]?.count ?? shape.first ?? 0] + shape.dropFirst())
        case .norm, .head, .modulation, .context, .scale: nil
        case .plain: (name, shape)
        }
    }

    /// The weights of the plain network.
    package func fold(_ weights: Weights) throws -> Weights {
        let named = Dictionary(weights.map { ($0.name, $0.tensor) }) { $1 }
        if named["proj_head.weight"] != nil, named["class_embedding"] == nil {
            throw SourceError(
                "The weights in \(path) lack class_embedding, the embeddings of class names that their "
                    + "head compares features with: this version of the public code does not store "
                    + "them.")
        }
        return Weights(
            try weights.compactMap { weight in
                guard let (name, shape) = folded(weight.name, weight.shape) else { return nil }
                var tensor = weight.tensor
                switch Self.role(of: weight.name) {
                case .norm(let path, _, let leaf) where leaf == "weight" || leaf == "bias":
                    if let change = try modulation(of: path, named, channels: tensor.count) {
                        tensor = change(tensor, isScale: leaf == "weight")
                    }
                case .embedding: tensor = try embeddings(tensor, scale: named["logit_scale"])
                default: break
                }
                return NamedTensor(name: name, shape: shape, tensor: tensor)
            })
    }

    /// The change of an adaptive norm: `y (1 + scale) + shift`; nil for a norm that is none.
    private func modulation(
        of path: String, _ named: [String: Tensor], channels: Int
    ) throws -> Modulation? {
        guard let weight = named[path + ".modulation.1.weight"] else { return nil }
        guard let bias = named[path + ".modulation.1.bias"],
            let contexts = named["embedding_table.weight"], weight.rows == 2 * channels,
            bias.count == 2 * channels, weight.columns == contexts.columns, head < contexts.rows
        else {
            throw SourceError(
                "The modulation of \(path) in \(self.path) does not fit its norm and "
                    + "embedding_table: copy the file again.")
        }
        // silu(context), in Double like everything that is folded.
        let context = contexts.values[head * contexts.columns..<(head + 1) * contexts.columns].map {
            Double($0) / (1 + exponential(min(max(-Double($0), -700), 700)))
        }
        let (rows, biases) = (weight.values, bias.values)
        let values = (0..<2 * channels).map { row in
            context.indices.reduce(Double(biases[row])) {
                $0 + Double(rows[row * context.count + $1]) * context[$1]
            }
        }
        return Modulation(shift: Array(values[..<channels]), scale: Array(values[channels...]))
    }

    private struct Modulation {
        let shift: [Double]
        let scale: [Double]

        func callAsFunction(_ tensor: Tensor, isScale: Bool) -> Tensor {
            let values = tensor.values.enumerated().map { channel, value in
                Float(Double(value) * (1 + scale[channel]) + (isScale ? 0 : shift[channel]))
            }
            return Tensor(rows: tensor.rows, columns: tensor.columns, values)
        }
    }

    /// The embeddings of the data set's classes, times the factor of the scores.
    private func embeddings(_ all: Tensor, scale: Tensor?) throws -> Tensor {
        guard let scale, scale.count == 1, let rows = Self.classes[dataSet],
            (rows.max() ?? 0) < all.rows
        else {
            throw SourceError(
                "The head of \(path) compares features with embeddings of class names: the classes of "
                    + "\(dataSet) among its \(all.rows) embeddings are not known.")
        }
        let factor = exponential(Double(scale.values[0]))
        let values = all.values
        return Tensor(
            rows: rows.count, columns: all.columns,
            rows.flatMap { row in
                values[row * all.columns..<(row + 1) * all.columns].map {
                    Float(Double($0) * factor)
                }
            })
    }
}
