package import Datasets
import Foundation
import Settings
import Yams

/// Comparison of recipes on equal terms: two arms differ only in the settings that the file names.
///
/// ```yaml
/// study: few labels
/// base: ../recipes/streets/distilled.yaml     # what every arm starts from: a file or a mapping
/// teacher: ../recipes/streets/teacher.yaml    # trained once; stands where a recipe says TEACHER
/// seeds: [1, 2, 3]                            # of initial weights, order, views
/// baseline: alone
/// evaluation: {split: test, exclude: [person]}
/// arms:
///   alone: {teacher: null, objectives: [task.cross-entropy, task.lovasz]}
///   kl: {objectives: [task.cross-entropy, task.lovasz, semantic.soft-targets: 0.3]}
/// ```
///
/// An arm changes the base key by key: mappings are merged, anything else replaces, null removes. Its
/// key `against` names the arm it is compared with where that is not the baseline.
/// All arms of a seed share the student's first weights, the order of samples and the views.
package struct Study: Sendable {
    /// Arm of a study: a recipe that is compared with others.
    package struct Arm: Sendable {
        /// The name in tables.
        package let name: String
        /// The arm that it is compared with: the baseline, unless it names another.
        package let reference: String
        /// The recipe, whose teacher may still be called TEACHER.
        let recipe: String
    }

    /// The name of the study.
    package let name: String
    /// The arms, in the file's order.
    package let arms: [Arm]
    /// The arm that others are compared with unless they name another.
    package let baseline: String
    /// The seeds; every arm is run with each.
    package let seeds: [UInt64]
    /// The split that is measured.
    package let split: Split
    /// The classes that means do not include.
    package let excluded: [String]
    /// The teacher's recipe; nil if no arm has a teacher, or each names one.
    package let teacher: String?

    /// Notes on settings that are accepted but should be written otherwise.
    package private(set) var notes: [String] = []

    /// The name in recipes of the teacher that the study trains.
    package static let teacherName = "TEACHER"

    /// Reads a study.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: the study's path; files that it names are found relative to it.
    package init(yaml: String, file: String) throws {
        let top = try SettingsNode(yaml: yaml, file: file, subject: "the study").mapping()
        let folder = TextFile.folder(of: file)
        func contents(_ node: SettingsNode) throws -> String {
            guard let scalar = node.node.scalar else { return try serialize(node: node.node) }
            let path = scalar.string.hasPrefix("/") ? scalar.string : "\(folder)/\(scalar.string)"
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw node.error("\(node.name) is '\(scalar.string)', which cannot be read.")
            }
            return text
        }
        name = try top["study"]?.string() ?? (file as NSString).lastPathComponent
        let base = try contents(top.required("base"))
        guard let root = try compose(yaml: base), root.mapping != nil else {
            throw RecipeError("\(file): base is no recipe.")
        }
        teacher = try top["teacher"].map(contents)
        let seedNodes = try top.required("seeds").list()
        seeds = try seedNodes.map { UInt64(try $0.integer(in: 0...Int.max)) }
        guard !seeds.isEmpty, Set(seeds).count == seeds.count else {
            throw RecipeError("\(file): seeds must be a list of different numbers.")
        }
        let measured = try top["evaluation"]?.mapping()
        let word = try measured?["split"]?.string() ?? Split.test.rawValue
        guard let split = Split(rawValue: word) else {
            throw RecipeError("\(file): evaluation.split is '\(word)': give validation or test.")
        }
        self.split = split
        excluded = try measured?["exclude"]?.list().map { try $0.string() } ?? []
        try measured?.finish()
        let section = try top.required("arms")
        guard let given = section.node.mapping, !given.isEmpty else {
            throw section.error("arms must name at least one arm, each with what it changes.")
        }
        let first = given.first?.key.string ?? ""
        let baseline = try top["baseline"]?.string() ?? first
        arms = try given.map { key, change in
            // An arm's name becomes a folder's name.
            guard let arm = key.string, Self.isUsable(arm) else {
                throw section.error(
                    "An arm's name has letters, digits, '-', '+' and '.' only: it names a folder.")
            }
            var change = change
            let reference = change.mapping?[Node("against")]?.string ?? baseline
            if change.mapping != nil { change.mapping?[Node("against")] = nil }
            let merged = change.null == nil ? Self.merged(root, with: change) : root
            return Arm(name: arm, reference: reference, recipe: try serialize(node: merged))
        }
        let names = arms.map(\.name)
        guard names.contains(baseline) else {
            throw RecipeError("\(file): baseline is '\(baseline)', which is no arm.")
        }
        for arm in arms where !names.contains(arm.reference) {
            throw RecipeError(
                "\(file): \(arm.name) is against '\(arm.reference)', which is no arm.")
        }
        self.baseline = baseline
        try top.finish()
        // A study runs for hours: a mistake in its last arm must not be found after the first ones.
        var notes = top.here.notes.all
        for arm in arms {
            notes += try Recipe(
                yaml: recipe(of: arm, seed: seeds[0], teacher: "teacher"),
                file: "the recipe of \(arm.name)"
            ).notes
        }
        if let teacher {
            notes += try Recipe(yaml: teacher, file: "the recipe of the teacher").notes
        }
        self.notes = notes
    }

    /// An arm's recipe for a seed.
    package func recipe(of arm: Arm, seed: UInt64, teacher: String?) throws -> String {
        guard var top = try compose(yaml: arm.recipe)?.mapping else { return arm.recipe }
        top[Node("seed")] = Node("\(seed)", Tag(.int))
        if let teacher, var section = top[Node("teacher")]?.mapping,
            section[Node("model")]?.string == Self.teacherName
        {
            // Quoted, because a path may look like another YAML type.
            section[Node("model")] = Node(teacher, Tag(.str), .doubleQuoted)
            top[Node("teacher")] = .mapping(section)
        }
        return try serialize(node: .mapping(top))
    }

    private static func isUsable(_ name: String) -> Bool {
        !name.isEmpty && name.first != "."
            && name.allSatisfy { $0.isLetter || $0.isNumber || "-+.".contains($0) }
    }

    /// One YAML tree changed by another.
    private static func merged(_ base: Node, with change: Node) -> Node {
        guard var mapping = base.mapping, let changes = change.mapping else { return change }
        for (key, value) in changes {
            // A plain null removes the key; a quoted one is text.
            if value.null != nil, value.scalar?.style == .plain {
                mapping[key] = nil
            } else if let old = mapping[key] {
                mapping[key] = merged(old, with: value)
            } else {
                mapping[key] = value
            }
        }
        return .mapping(mapping)
    }
}
