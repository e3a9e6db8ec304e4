import ZipArchives

/// Names of a network's weights without the parts that wrappers of PyTorch add.
///
/// `torch.compile`, `FullyShardedDataParallel` and `checkpoint_wrapper` insert a part anywhere in a
/// name; `DistributedDataParallel` puts `module.` before it. A framework's own prefix is stated by the
/// user, since names below another prefix belong to another network.
package struct WeightNames: Sendable {
    private static let wrappers: Set<Substring> = [
        "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
    ]
    private static let parallel = "module."
    private let prefix: String

    /// Names below a prefix; nil or an empty one for all names.
    package init(below prefix: String? = nil) {
        let whole = Self.unwrapped(prefix ?? "")
        self.prefix = whole.isEmpty || whole.hasSuffix(".") ? whole : whole + "."
    }

    /// The network's own name of a weight; nil for one that is not below the prefix.
    package func plain(_ name: String) -> String? {
        let name = Self.unwrapped(name)
        return name.hasPrefix(prefix) ? String(name.dropFirst(prefix.count)) : nil
    }

    /// Whether a name begins as in a distributed run.
    static func isDistributed(_ name: String) -> Bool { name.hasPrefix(parallel) }

    private static func unwrapped(_ name: String) -> String {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        var rest = parts.filter { !wrappers.contains($0) }.joined(separator: ".")[...]
        while rest.hasPrefix(parallel) { rest.removeFirst(parallel.count) }
        return String(rest)
    }

    /// The names and shapes of weights by their plain names.
    ///
    /// Throws if two weights have the same name or none is below the prefix.
    package func plain<Value>(
        _ weights: some Sequence<(name: String, value: Value)>, of path: String
    ) throws -> [(name: String, value: Value)] {
        var seen: Set<String> = []
        var named: [(name: String, value: Value)] = []
        var first: String?
        for (name, value) in weights {
            first = first ?? name
            guard let own = plain(name) else { continue }
            guard seen.insert(own).inserted else {
                throw SourceError(
                    "The file \(path) has two tensors named \(own.prefix(100)): save the model's "
                        + "state_dict with torch.save.")
            }
            named.append((own, value))
        }
        guard !named.isEmpty else {
            throw SourceError(
                first.map {
                    "The file \(path) has no weights below '\(prefix)': its first is "
                        + "\($0.prefix(100)); give --prefix as the names begin."
                }
                    ?? "The file \(path) has no weights: save the model's state_dict with torch.save."
            )
        }
        return named
    }
}
