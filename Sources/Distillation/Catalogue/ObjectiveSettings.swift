package import Settings
import Spelling
import Yams

/// List of objectives in a recipe, before the objectives are created.
///
/// Each entry is the name of an objective, or that name with its weight, or with a mapping of its
/// settings, or a preset (``ObjectivePreset``), which stands for several objectives:
///
///     - task.cross-entropy
///     - semantic.soft-targets: 0.3
///     - relation.dense: {weight: 1, within: 1, across: 1, ramp: 200}
///     - preset: srkd
package struct ObjectiveSettings {
    /// The section of the recipe.
    package let section: SettingsNode

    /// The list of a recipe's section.
    package init(_ section: SettingsNode) { self.section = section }

    /// The list that a YAML text is.
    package init(yaml: String) throws {
        let root = try SettingsNode(yaml: yaml, file: "the objectives")
        section = SettingsNode(
            root.node, path: "objectives", file: root.file, subject: root.subject,
            notes: root.notes)
    }

    /// The list as YAML.
    package var yaml: String { get throws { try serialize(node: section.node) } }

    /// The weighted sum of the objectives.
    ///
    /// - Throws: one sentence with the line and path of the first setting that cannot be used.
    package func sum() throws -> WeightedSum {
        let entries = try section.list()
        guard !entries.isEmpty else {
            throw section.error(
                "\(section.name) is empty, so there is nothing to learn: name at least "
                    + "\(CrossEntropy.name).")
        }
        return WeightedSum(try entries.flatMap(terms))
    }

    private func terms(_ entry: SettingsNode) throws -> [WeightedTerm] {
        if entry.node.scalar != nil {
            let name = try entry.string()
            return [try term(name, SettingsMapping(empty: name), at: entry)]
        }
        guard let pairs = entry.node.mapping, pairs.count == 1, let pair = pairs.first,
            let name = pair.key.string
        else {
            throw entry.error(
                "\(entry.name) must be one objective: its name, or its name with settings.")
        }
        let value = entry.child(pair.value, name)
        if name == "preset" { return try preset(value).sum().terms }
        if value.node.scalar != nil, value.node.null == nil {
            let weight = try value.number("give a weight from 0 up, or settings") { $0 >= 0 }
            let term = try term(name, SettingsMapping(empty: value.name), at: entry)
            return [term.weighing(weight)]
        }
        // A name with a colon and nothing behind it is a null in YAML.
        let isEmpty = value.node.null != nil
        return [
            try term(
                name, isEmpty ? SettingsMapping(empty: value.name) : value.mapping(), at: entry)
        ]
    }

    private func preset(_ section: SettingsNode) throws -> ObjectivePreset {
        let name = try section.string()
        guard let preset = ObjectivePreset[name] else {
            let names = ObjectivePreset.all.map(\.name)
            throw section.error(
                "there is no preset '\(name)'"
                    + UnknownSetting.advice(
                        name, known: names, lead: "there are"))
        }
        return preset
    }

    private func term(
        _ name: String, _ settings: SettingsMapping, at entry: SettingsNode
    ) throws -> WeightedTerm {
        guard let known = ObjectiveCatalogue[name] else {
            let names = ObjectiveCatalogue.entries.map(\.name)
            throw entry.error(
                "there is no objective '\(name)'"
                    + UnknownSetting.advice(
                        name, known: names, lead: "there are"))
        }
        return try known.term(settings)
    }
}

extension ObjectiveEntry {
    /// The objective of a recipe's settings, with its weight.
    package func term(_ read: SettingsMapping) throws -> WeightedTerm {
        // Before anything is read: an entry reads only the settings that its form needs, such as those of
        // one kind of grid.
        try read.refuseKeys(besides: (Self.common + settings).map(\.key))
        let made = try make(read)
        let weight = try read.nonNegative("weight", default: made.weight)
        let start = try read.integer("start", default: 0, in: 0...Int.max)
        let ramp = try read.integer("ramp", default: 0, in: 0...Int.max)
        let isPlacebo = try read.word("placebo", of: ["shuffle"]) != nil
        guard !isPlacebo || !made.objective.needs.isDisjoint(with: .teacher) else {
            throw read.error(
                "\(read.name).placebo: \(name) reads nothing of a teacher that could be shuffled: "
                    + "remove the setting.")
        }
        return WeightedTerm(
            made.objective, factor: weight == 1 ? nil : weight,
            ramp: start == 0 && ramp == 0 ? nil : .init(start: start, steps: ramp),
            fade: try read["fade"]?.mapping().fade(), isPlacebo: isPlacebo)
    }
}

extension WeightedTerm {
    /// The same term with another weight.
    fileprivate func weighing(_ weight: Double) -> WeightedTerm {
        var term = self
        term.factor = weight == 1 ? nil : weight
        return term
    }
}

extension SettingsMapping {
    fileprivate func fade() throws -> WeightedTerm.Fade {
        let fade = WeightedTerm.Fade(
            to: try nonNegative("to", default: 0),
            start: try integer("start", default: 0, in: 0...Int.max),
            steps: try integer("steps", default: 1, in: 1...Int.max))
        try finish()
        return fade
    }
}
