package import Settings

/// Description of an objective: formula, source, settings, and how it is created from settings.
package struct ObjectiveEntry: Sendable {
    /// Agreement of the formula with its source.
    package enum Grade: String, Sendable, Codable {
        /// The formula of the authors' released code.
        case exact
        /// The equations of a paper without released code.
        case equations
        /// The idea of the source in a form of this project.
        case style
        /// A formula of this project.
        case ours
    }

    /// Setting of an objective.
    package struct Setting: Sendable {
        /// The key in a recipe.
        package let key: String
        /// The default, as a recipe would write it.
        package let standard: String
        /// The meaning, in a few words.
        package let meaning: String

        /// A setting with its default.
        package init(_ key: String, _ standard: String, _ meaning: String) {
            self.key = key
            self.standard = standard
            self.meaning = meaning
        }
    }

    /// Conditions under which the contract checks the objective.
    ///
    /// The contract's clouds have a few points. An objective whose defaults suit whole scans names
    /// settings at which such clouds exercise all of its code.
    package struct Trial: Sendable {
        /// The settings, as a recipe would write them.
        package let settings: String
        /// Whether the objective draws points by their place, so that the order of points matters.
        package let drawsPoints: Bool

        /// Conditions of the given settings.
        package init(settings: String = "{}", drawsPoints: Bool = false) {
            self.settings = settings
            self.drawsPoints = drawsPoints
        }
    }

    /// Objective created from settings.
    package struct Made {
        /// The objective.
        package var objective: any Objective
        /// The weight where the recipe has none.
        package var weight: Double

        /// An objective and its default weight.
        package init(objective: any Objective, weight: Double) {
            self.objective = objective
            self.weight = weight
        }
    }

    /// The name in recipes.
    package let name: String
    /// The loss, in one line.
    package let formula: String
    /// The publication.
    package let source: String
    /// The agreement of the formula with its source.
    package let grade: Grade
    /// The settings besides ``common``, which every objective has.
    package let settings: [Setting]
    /// The conditions under which the contract checks the objective.
    package let trial: Trial
    /// Creates the objective from a recipe's settings.
    package let make: @Sendable (SettingsMapping) throws -> Made

    /// An entry of the given parts.
    package init(
        name: String, formula: String, source: String, grade: Grade, settings: [Setting],
        trial: Trial = Trial(),
        make: @escaping @Sendable (SettingsMapping) throws -> Made
    ) {
        self.name = name
        self.formula = formula
        self.source = source
        self.grade = grade
        self.settings = settings
        self.trial = trial
        self.make = make
    }

    /// The objective that the contract checks.
    package func trialObjective() throws -> any Objective {
        try term(SettingsMapping(yaml: trial.settings, path: name)).objective
    }

    /// The weight where a recipe has none.
    package var weight: Double { (try? make(SettingsMapping(empty: name)).weight) ?? 1 }

    /// The settings that every objective has.
    package static let common = [
        Setting("weight", "by objective", "the factor of the term in the sum"),
        Setting("start", "0", "the first step at which the term counts"),
        Setting("ramp", "0", "steps over which its weight rises to the whole"),
        Setting(
            "fade", "none", "{to: weight, start: step, steps: n}: a linear change to another weight"
        ),
        Setting(
            "placebo", "none",
            "shuffle: a control whose teacher's rows are permuted within each cloud"),
    ]
}

/// All objectives.
///
/// A new objective adds one line here. Recipes, the `objectives` command and the contract tests read
/// this list.
package enum ObjectiveCatalogue {
    /// The entries, in the order in which commands list them.
    package static let entries: [ObjectiveEntry] = [
        CrossEntropy.entry,
        LovaszSoftmax.entry,
        SoftTargets.entry,
        SemanticCorrelation.entry,
        DenseRelation.entry,
        RelationAlignment.entry,
        RelationReadout.entry,
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
