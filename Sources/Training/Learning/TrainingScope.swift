package import Networks
import Settings
import Yams

/// Which of the student's parameters a run trains; what objectives bring of their own it always
/// does.
///
/// In a recipe `train: heads`, or `train: [seg_head.*, backbone.dec.*]`; all where it is silent.
package enum TrainingScope: Sendable, Equatable {
    /// All of them.
    case everything
    /// None: the student stays as it is, in evaluation mode, and only what objectives bring (their
    /// heads and projectors) learns.
    case heads
    /// Those whose names match a pattern, in which `*` stands for any letters; the others stay as
    /// they are, but the student's normalisations go on following the data.
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
