package import Datasets
import Distillation
import Foundation
package import PointClouds
import Settings
import ZipArchives

/// Training scans of a recipe, and the recipe completed by what the scans determine.
package struct TrainingData: Sendable {
    /// The scans, some of them without their labels if the recipe says so.
    package let source: any SceneSource
    /// The recipe with the numbers of all features' scales, and with the names of the labelled scans if
    /// the data had to be read to choose them.
    package let recipe: Recipe
    /// The names of labelled scans; nil if the recipe makes no choice.
    package let labelledNames: [String]?
    /// Notes for the run's log.
    package let notes: [String]

    /// Opens the training split of a recipe's data.
    ///
    /// Reads every scan, on all processors, if the choice of labels depends on classes or the scale of a
    /// feature is computed from the data.
    ///
    /// - Parameters:
    ///   - teacher: the teacher's features, if its model or its knowledge pack states them.
    ///   - reading: called before all scans are read, which may take minutes.
    package init(
        _ recipe: Recipe, teacher: [Feature]? = nil,
        reading: @escaping (String) -> Void = { _ in }
    ) throws {
        var unchosen = recipe.data
        unchosen.labelled = nil
        let source = try SourceCatalogue.open(unchosen, split: .training)
        var settled = recipe
        guard source.count > 0 else {
            throw SourceError("The training split of the data source '\(source.name)' is empty.")
        }
        try recipe.checkFeatures(of: source, teacher: teacher)
        try recipe.checkViews(of: source)
        if var settings = recipe.data.labelled {
            settings.unlabelled = recipe.useOfUnlabelled(settings)
            try recipe.checkMixture(settings)
            let few = try FewLabels(source, settings) {
                reading("reading \(source.count) training scans for the classes they have")
                return try surveyed(source) { $0.classes }
            }
            if case .scansPerClass = settings.choice { settings.choice = .names(few.labelledNames) }
            settled.data.labelled = settings
            self.source = few
            labelledNames = few.labelledNames
        } else {
            self.source = source
            labelledNames = nil
        }
        let taken = try settled.settleFeatures(
            of: self.source, teacher: teacher, reading: reading)
        self.recipe = settled
        let labels = labelledNames.flatMap { settled.note(onLabels: $0, of: source.count) }
        let scans = self.source.count
        notes =
            (labels.map { [$0] } ?? [])
            + Set(taken).map { "over \(scans) training scans, \($0)" }.sorted()
    }
}

/// The result of `body` for each scene of a source, in the source's order, computed on all processors.
func surveyed<Finding: Sendable>(
    _ source: any SceneSource, _ body: @escaping @Sendable (Cloud) throws -> Finding
) throws -> [Finding] {
    try parallel(source.count, threads: ProcessInfo.processInfo.activeProcessorCount) { place in
        try body(source.scene(at: place))
    }
}

extension Recipe {
    /// The use of scans whose labels are not used.
    func useOfUnlabelled(_ settings: LabelledSettings) -> LabelledSettings.Unlabelled {
        if let fate = settings.unlabelled { return fate }
        return objectives.terms.contains { !$0.objective.needs.contains(.labels) } ? .use : .drop
    }

    /// Throws one sentence if mini-batches cannot be mixed as the recipe says.
    fileprivate func checkMixture(_ settings: LabelledSettings) throws {
        guard let first = settings.perBatch else { return }
        guard settings.unlabelled == .use else {
            throw RecipeError(
                "\(file): data.labelled.per-batch has no effect if scans without labels are left "
                    + "out: remove it, or write unlabelled: use.")
        }
        guard first < batch else {
            throw RecipeError(
                "\(file): data.labelled.per-batch is \(first), but a mini-batch has \(batch) "
                    + "clouds: give fewer, so that some have no labels, or a larger batch.")
        }
    }

    /// The maximum number of names in a line of the log.
    private static let shown = 24

    /// A sentence with the labelled scans.
    fileprivate func note(onLabels names: [String], of all: Int) -> String? {
        guard let settings = data.labelled else { return nil }
        let others = all - names.count
        var fate = "are left out"
        if settings.unlabelled != .drop {
            let places = settings.places(ofLabelled: names.count, of: all, batch: batch)
            fate = "take part without"
            if places > 0 {
                fate += " (a mini-batch has \(places) with and \(batch - places) without)"
            }
        }
        let shown = names.prefix(Self.shown).joined(separator: ", ")
        let more = names.count > Self.shown ? ", … (\(RunFolder.labelled) names them all)" : ""
        return "labels of \(names.count) of \(all) training scans are used"
            + (others > 0 ? ", the other \(others) \(fate)" : "") + ": \(shown)\(more)"
    }

    /// Throws one sentence if the data lack a feature that a network reads.
    fileprivate func checkFeatures(of source: any SceneSource, teacher stored: [Feature]?) throws {
        try source.check(features, of: "\(file): the student reads")
        if let teacher {
            let names = stored?.map(\.name) ?? (teacher.features ?? declaredFeatures).map(\.name)
            try source.check(names, of: "\(file): the teacher reads")
        }
    }

    /// Throws one sentence if the recipe's views name channels that the data lack.
    fileprivate func checkViews(of source: any SceneSource) throws {
        let usual = [ViewRecipe.plain, .weak, .strong].map(\.name)
        for view in [views, strongView] where !usual.contains(view.name) {
            for augmentation in view.augmentations {
                let own = source.channels.map(\.name)
                for name in augmentation.namedChannels where !own.contains(name) {
                    throw RecipeError(
                        "\(file): the view '\(view.name)' changes the channel '\(name)', which the "
                            + "data source '\(source.name)' does not have: its channels are "
                            + "\(own.isEmpty ? "none" : own.joined(separator: ", ")).")
                }
            }
        }
    }

    /// Determines the scale of every feature, from the model a network begins with or from the scans.
    ///
    /// - Returns: the features whose scale was computed from the scans.
    fileprivate mutating func settleFeatures(
        of source: any SceneSource, teacher stored: [Feature]?, reading: (String) -> Void
    ) throws -> [Feature] {
        if let own = student.features {
            try Self.check(studentFeatures, against: own, file: file, who: "student")
            for (place, feature) in own.enumerated() {
                if case .given = studentFeatures[place].scaling { continue }
                studentFeatures[place] = FeatureSetting(feature)
            }
        }
        if let stored, teacher != nil {
            if let given = teacher?.features {
                try Self.check(given, against: stored, file: file, who: "teacher")
            }
            teacher?.features = stored.map { FeatureSetting($0) }
        } else if teacher != nil, teacher?.features == nil, declaredFeatures != studentFeatures,
            student.features == nil
        {
            teacher?.features = declaredFeatures
        }
        do {
            _ = try source.width(
                of: (studentFeatures + (teacher?.features ?? [])).compactMap(\.feature) + [
                    "position"
                ])
        } catch let error as PointCloudError {
            throw RecipeError("\(file), features: \(error)")
        }
        let open = studentFeatures + (teacher?.features ?? [])
        if open.features == nil {
            reading("reading \(source.count) training scans for the scales of features")
        }
        let both = try open.settled(by: source)
        studentFeatures = Array(both.prefix(studentFeatures.count))
        let others = Array(both.dropFirst(studentFeatures.count))
        if teacher?.features != nil { teacher?.features = others == studentFeatures ? nil : others }
        return zip(open, both).compactMap { $0.feature == nil ? $1.feature : nil }
    }

    private static func check(
        _ wanted: [FeatureSetting], against stored: [Feature], file: String, who: String
    ) throws {
        guard wanted.map(\.name) == stored.map(\.name) else {
            func list(_ names: [String]) -> String { "[\(names.joined(separator: ", "))]" }
            let advice =
                who == "student"
                ? "give these features, or begin with another model"
                : "leave teacher.features out, or name another teacher"
            throw RecipeError(
                "\(file): the \(who)'s model reads \(list(stored.map(\.name))), but the recipe says "
                    + "\(list(wanted.map(\.name))): \(advice).")
        }
    }
}
