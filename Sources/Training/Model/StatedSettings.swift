package import Interchange
import Settings
import Yams

/// Settings of a public network: those of the caller's file, then those of the checkpoint.
package struct StatedSettings {
    /// Arguments of public constructors that change training or speed but no score; their values in a
    /// checkpoint are not read.
    private static let withoutEffect: Set = [
        "attn_drop", "proj_drop", "enable_flash", "upcast_attention", "upcast_softmax", "traceable",
        "mask_token", "freeze_encoder", "pdnorm_decouple", "pdnorm_adaptive", "pdnorm_affine",
        "pdnorm_conditions",
    ]
    // They belong to the data; a preset sets everything else.
    private static let notInPresets: Set = ["in_channels", "num_classes"]

    private var settings = Node.Mapping([])
    private let sources: [String]
    private let path: String

    /// Whether no source states anything.
    package var isEmpty: Bool { sources.isEmpty }

    /// The settings of a file, and those that the checkpoint at `path` has under other keys.
    package init(file: String?, stored: String?, of path: String) throws {
        let own = stored.map { _ in "the configuration in \(path)" }
        sources = [file, own].compactMap { $0 }
        self.path = path
        if let file {
            let text = try TextFile.read(file, "configuration")
            let root = try SettingsNode(yaml: text, file: file)
            guard let mapping = root.node.mapping else {
                throw root.error("this must be a mapping of settings, such as patch_size: 1024.")
            }
            settings = mapping
        }
        if let stored, let own {
            let root = try SettingsNode(yaml: stored, file: own)
            fill(
                from: (root.node.mapping ?? Node.Mapping([])).filter { key, value in
                    // Versions that have `enc_mode` and those that do not are the same network without.
                    !Self.withoutEffect.contains(key.string ?? "")
                        && !(key.string == "enc_mode" && value.bool == false)
                })
        }
    }

    private mutating func fill(from entries: some Sequence<(key: Node, value: Node)>) {
        let before = settings
        for (key, value) in entries {
            let name = key.string ?? ""
            let isSet =
                before[key] != nil
                || before["patch_size"] != nil && name.hasSuffix("c_patch_size")
                || before["preset"] != nil && !Self.notInPresets.contains(name)
            if !isSet { settings[key] = value }
        }
    }

    /// The configuration that these settings state, completed by the one inferred from shapes.
    ///
    /// Throws if the two contradict each other or if a setting without a usual value is missing.
    package func configuration<Configuration: InferredConfiguration>(
        completing inferred: Configuration
    ) throws -> Configuration {
        let missing = inferred.undetermined.filter { settings[$0] == nil }
        guard missing.isEmpty || settings["preset"] != nil else {
            throw ModelError(
                "The weights in \(path) have channels that the usual width of heads does not divide: "
                    + "give \(missing.joined(separator: " and ")) in the file of --config.")
        }
        guard !isEmpty else { return inferred }
        var completed = self
        if let told = try compose(yaml: YAMLEncoder().encode(inferred))?.mapping {
            completed.fill(from: told.map { ($0.key, $0.value) })
        }
        let name = sources.joined(separator: " with ")
        let given = try SettingsNode(.mapping(completed.settings), path: "", file: name).decode(
            Configuration.self)
        let differences = inferred.differences(from: given, named: name)
        guard differences.isEmpty else {
            throw ModelError(
                "The weights in \(path) are of another network than \(name) describes: "
                    + differences.joined(separator: "; ") + ".")
        }
        return given
    }
}

/// The configuration in a checkpoint of PyTorch as a settings file would state it.
func yaml(_ settings: [String: StoredSetting]) throws -> String {
    let encoder = YAMLEncoder()
    // Of several impossible settings, the same one is always reported.
    encoder.options.sortKeys = true
    return try encoder.encode(settings)
}
