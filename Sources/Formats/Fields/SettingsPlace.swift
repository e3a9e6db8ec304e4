/// The place where a reader's settings are written, which decides the advice in its messages.
///
/// The same reader serves recipes and commands: advice to set `data.options` does not help with
/// `denju predict model.safetensors scan.ply`.
package enum SettingsPlace: Sendable, Equatable {
    /// The `data` section of a recipe.
    case recipe
    /// The options of a command that reads named files.
    case command

    /// Advice to give a setting a value: "set data.options.centre to true".
    package func setting(_ option: String, to value: String) -> String {
        switch self {
        case .recipe: "set data.options.\(option) to \(value)"
        case .command: "give --option \(option)=\(value == "true" ? "1" : value)"
        }
    }

    /// Name of an option in a message.
    package func option(_ name: String) -> String {
        switch self {
        case .recipe: "data.options.\(name)"
        case .command: "--option \(name)"
        }
    }

    /// Advice to name another folder: "set data.path to the folder of the scans".
    package func folder(_ which: String) -> String {
        switch self {
        case .recipe: "set data.path to \(which)"
        case .command: "name \(which)"
        }
    }

    /// Name of the setting that selects the scenes of a split.
    package var sequences: String {
        switch self {
        case .recipe: "data.sequences"
        // A folder on the command line has the usual splits; others need a recipe.
        case .command: "data.sequences of a recipe"
        }
    }

    /// Advice to name the field of a coordinate, label or channel.
    package func naming(_ role: String) -> String {
        switch self {
        case .recipe: "name its field under data.fields.\(role)"
        case .command: "name its field with --field \(role)=NAME"
        }
    }
}
