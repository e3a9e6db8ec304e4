/// The objectives a recipe asks for, before they are made.
///
/// A list; each entry is the name of an objective, or that name with its weight, or with a table of
/// its settings, or a preset (``ObjectivePreset``), which stands for several:
///
///     - task.cross-entropy
///     - semantic.soft-targets: 0.3
///     - relation.dense: {weight: 1, within: 1, across: 1, ramp: 200}
///     - preset: srkd
package struct ObjectiveSettings: Sendable, Equatable, Codable {
    /// The entries in order.
    package var entries: [SettingValue]

    /// The given entries.
    package init(_ entries: [SettingValue]) { self.entries = entries }

    /// Reads a list.
    package init(from decoder: any Decoder) throws {
        entries = try decoder.singleValueContainer().decode([SettingValue].self)
    }

    /// Writes a list.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(entries)
    }

    /// The sum they describe.
    ///
    /// Throws one sentence that names the first wrong key by its path, which begins with `path`.
    package func sum(at path: String = "objectives") throws -> WeightedSum {
        guard !entries.isEmpty else {
            throw ObjectiveError(
                "\(path): the list is empty, so there is nothing to learn: name at least "
                    + "\(CrossEntropy.name).")
        }
        return WeightedSum(
            try entries.enumerated().flatMap { try terms($1, path: "\(path)[\($0)]") })
    }

    private func terms(_ entry: SettingValue, path: String) throws -> [WeightedTerm] {
        guard case .table(let pair) = entry, let name = pair["preset"], pair.count == 1 else {
            return [try term(entry, path: path)]
        }
        guard case .text(let name) = name, let preset = ObjectivePreset[name] else {
            let names = ObjectivePreset.all.map(\.name).joined(separator: ", ")
            throw ObjectiveError(
                "\(path).preset: there is no such preset; those there are: \(names).")
        }
        return try preset.entries.enumerated().map {
            try term($1, path: "\(path).preset.\(name)[\($0)]")
        }
    }

    private func term(_ entry: SettingValue, path: String) throws -> WeightedTerm {
        let name: String
        let table: [String: SettingValue]
        switch entry {
        case .text(let text):
            name = text
            table = [:]
        case .table(let pair):
            guard let (key, value) = pair.first, pair.count == 1 else { throw notOne(entry, path) }
            name = key
            switch value {
            case .number: table = ["weight": value]
            case .table(let settings): table = settings
            default:
                throw ObjectiveError(
                    "\(path).\(name): expected a weight or a table of settings, found \(value.kind)."
                )
            }
        default: throw notOne(entry, path)
        }
        guard let known = ObjectiveCatalogue[name] else {
            let names = ObjectiveCatalogue.entries.map(\.name).joined(separator: ", ")
            throw ObjectiveError(
                "\(path): there is no objective '\(name)'; those there are: \(names).")
        }
        let reader = SettingsReader(table, path: "\(path).\(name)")
        try reader.checkKeys((ObjectiveEntry.common + known.settings).map(\.key))
        let made = try known.make(reader)
        let weight = try reader.nonNegative("weight", otherwise: made.weight)
        let start = try reader.count("start", otherwise: 0, least: 0)
        let ramp = try reader.count("ramp", otherwise: 0, least: 0)
        return WeightedTerm(
            made.objective, factor: weight == 1 ? nil : weight,
            ramp: start == 0 && ramp == 0 ? nil : .init(start: start, steps: ramp),
            fade: try reader.table("fade").map(fade))
    }

    private func fade(_ reader: SettingsReader) throws -> WeightedTerm.Fade {
        try reader.checkKeys(["to", "start", "steps"])
        return .init(
            to: try reader.nonNegative("to", otherwise: 0),
            start: try reader.count("start", otherwise: 0, least: 0),
            steps: try reader.count("steps", otherwise: 1, least: 1))
    }

    private func notOne(_ entry: SettingValue, _ path: String) -> ObjectiveError {
        ObjectiveError(
            "\(path): expected one objective (its name, or its name with settings), found "
                + "\(entry.kind).")
    }
}
