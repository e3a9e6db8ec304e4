package import Networks
import Settings
import Yams

/// Selection of the student's parameters that a run trains; parameters of objectives are always trained.
///
/// In a recipe `train: heads`, or `train: [seg_head.*, backbone.dec.*]`; all by default.
package enum TrainingScope: Sendable, Equatable {
    /// All parameters.
    case everything
    /// None: the student is frozen in evaluation mode, and only heads and projectors of objectives are
    /// trained.
    case heads
    /// Parameters whose names match a pattern, in which `*` stands for any letters; the others are
    /// frozen, but the student's normalisations follow the data.
    case matching([String])

    /// Whether a parameter of this name is trained.
    package func trains(_ name: String) -> Bool {
        switch self {
        case .everything: true
        case .heads: false
        case .matching(let patterns): patterns.contains { matches(name[...], pattern: $0[...]) }
        }
    }

    /// Throws one sentence unless every pattern matches some parameter of the network.
    package func check(_ network: some Network) throws {
        guard case .matching(let patterns) = self else { return }
        let names = network.specifications.filter(\.isTrained).map(\.name)
        // A misspelt pattern would otherwise freeze what it was meant to train, without any message.
        for pattern in patterns
        where !names.contains(where: { matches($0[...], pattern: pattern[...]) }) {
            throw RecipeError(
                "train names '\(pattern)', which is no parameter of the student: its parameters are "
                    + "called \(names[0]), …, \(names[names.count - 1]).")
        }
    }

    init(_ section: SettingsNode?) throws {
        guard let section else {
            self = .everything
            return
        }
        guard section.node.scalar != nil else {
            self = .matching(try section.list().map { try $0.string() })
            return
        }
        switch try section.string() {
        case "everything": self = .everything
        case "heads": self = .heads
        case let other:
            throw section.error(
                "train is '\(other)': give everything, heads, or a list of parameters' names, in "
                    + "which * stands for any letters.")
        }
    }
}

/// Whether a name matches a pattern in which `*` stands for any letters.
private func matches(_ name: Substring, pattern: Substring) -> Bool {
    guard let star = pattern.firstIndex(of: "*") else { return name == pattern }
    let head = pattern[..<star]
    guard name.hasPrefix(head) else { return false }
    let rest = pattern[pattern.index(after: star)...]
    var tail = name.dropFirst(head.count)
    while true {
        if matches(tail, pattern: rest) { return true }
        guard !tail.isEmpty else { return false }
        tail.removeFirst()
    }
}
