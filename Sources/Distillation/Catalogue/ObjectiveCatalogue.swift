/// An objective as the catalogue lists it: what it is, where its form comes from, what can be set.
package struct ObjectiveEntry: Sendable {
    /// How far the form is fixed by its source.
    package enum Grade: String, Sendable, Codable {
        /// Read in the authors' released code.
        case exact
        /// From a paper's equations, with no released code.
        case equations
        /// The source names the idea; the form is this project's.
        case style
        /// This project's own.
        case ours
    }

    /// A setting an objective understands.
    package struct Setting: Sendable {
        /// Its key in a recipe.
        package let key: String
        /// The value where the recipe is silent, as it would be written.
        package let standard: String
        /// What it means.
        package let meaning: String

        /// A setting with its default.
        package init(_ key: String, _ standard: String, _ meaning: String) {
            self.key = key
            self.standard = standard
            self.meaning = meaning
        }
    }

    /// What an entry makes of settings.
    package struct Made {
        /// The objective.
        package var objective: any Objective
        /// The weight where the recipe gives none.
        package var weight: Double

        /// An objective and its standard weight.
        package init(objective: any Objective, weight: Double) {
            self.objective = objective
            self.weight = weight
        }
    }

    /// The name recipes use.
    package let name: String
    /// The loss, in one line.
    package let formula: String
    /// Who published it.
    package let source: String
    /// How far the form is fixed by its source.
    package let grade: Grade
    /// What can be set; beside these every objective understands ``common``.
    package let settings: [Setting]
    /// The objective of the settings a recipe gives.
    package let make: @Sendable (SettingsReader) throws -> Made

    /// An entry of the given parts.
    package init(
        name: String, formula: String, source: String, grade: Grade, settings: [Setting],
        make: @escaping @Sendable (SettingsReader) throws -> Made
    ) {
        self.name = name
        self.formula = formula
        self.source = source
        self.grade = grade
        self.settings = settings
        self.make = make
    }

    /// The weight where a recipe gives none.
    package var weight: Double { (try? make(SettingsReader([:], path: name)).weight) ?? 1 }

    /// What every objective understands.
    package static let common = [
        Setting("weight", "by objective", "the factor of the term in the sum"),
        Setting("start", "0", "the first step at which the term counts"),
        Setting("ramp", "0", "steps over which its weight rises to the whole"),
        Setting(
            "fade", "none", "{to: weight, start: step, steps: n}: how its weight passes to another"),
    ]
}

/// Every objective there is.
///
/// A new one adds its line here, and thereby reaches recipes, the
/// `objectives` command and the contract tests.
package enum ObjectiveCatalogue {
    /// The entries, in the order in which they are listed.
    package static let entries: [ObjectiveEntry] = [
        CrossEntropy.entry,
        LovaszSoftmax.entry,
        SoftTargets.entry,
        DenseRelation.entry,
        CrossSampleRelation.entry,
        SuperVoxelRelation.entry,
        ChannelDistribution.entry,
        FeatureProjector.entry,
        StageFeatures.entry,
        RegionFeatures.entry,
        CrossView.entry,
        LayeredHeads.entry,
        LayeredStudent.entry,
        LayeredSelf.entry,
    ]

    /// The entry of a name.
    package static subscript(_ name: String) -> ObjectiveEntry? {
        entries.first { $0.name == name }
    }
}
