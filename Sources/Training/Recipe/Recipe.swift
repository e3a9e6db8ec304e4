package import Datasets
package import Distillation
package import Networks
package import PointClouds
import Settings
import Yams

/// Settings of a run, read from a YAML file.
///
/// ```yaml
/// seed: 1
/// data: {source: streets, scenes: {training: 200, validation: 20}}
/// grid: 0.1            # metres
/// points: 12000        # voxels of a training cloud at the most
/// features: [position, intensity: standard]
/// student: {preset: student-small}
/// teacher: {model: runs/teacher}
/// objectives:
///   - task.cross-entropy
///   - task.lovasz
///   - semantic.soft-targets: {weight: 0.3, temperature: 2}
///   - relation.dense: 1
/// optimiser: {rate: 0.006, block-rate: 0.0006, weight-decay: 0.05}
/// batch: 4             # clouds a mini-batch
/// shard: 1             # clouds a micro-shard
/// steps: 300
/// ```
///
/// By default the student is drawn from the seed, all of it is trained, it reads the same features as the
/// teacher, and its objectives are those of the preset `default` (without a teacher `task`). Further
/// settings:
///
/// ```yaml
/// student: {model: runs/teacher}     # begin with a stored model
/// train: heads                       # only what objectives bring learns; or a list of names,
/// train: [seg_head.*, "*.dec.*"]     # in which * stands for any letters
/// wire: bfloat16                     # gradients travel in half the bytes, rounded (float32)
/// average: 0.999                     # keep a moving average: it is validated, and is the model
/// strong-view: strong                # what objectives with two views make of the first one
/// taps: {student: enc2, teacher: enc2}
/// student: {preset: student-small, features: [position]}         # fewer sensors than the teacher
/// teacher: {model: runs/teacher, features: [position, colour]}   # as its model says, if left out
/// ```
///
/// Unknown keys and impossible values are refused with line and reason.
package struct Recipe: Sendable {
    /// Schedule of validations, and classes without weight.
    package struct ValidationSettings: Sendable, Equatable {
        /// The number of steps between validations; nil for one at the end.
        package var every: Int?
        /// The number of scans of a validation, evenly spread over the split; nil for all.
        package var scenes: Int?
        /// Whether the validation after the last step is on all scans.
        package var endsWithAll = true
        /// The names of classes that means do not include.
        package var excluded: [String] = []
    }

    /// Schedule and retention of checkpoints.
    package struct CheckpointSettings: Sendable, Equatable {
        /// The number of steps between checkpoints.
        package var every = 100
        /// The number of newest checkpoints that are kept.
        package var keepLast = 3
        /// Checkpoints of steps that are multiples of this are kept permanently; nil for none.
        package var keepEvery: Int?
    }

    /// The text it was read from.
    package let text: String
    /// The file's name in messages.
    package let file: String
    /// Notes on settings that are accepted but should be written otherwise.
    package let notes: [String]
    /// Seed of everything random.
    package var seed: UInt64
    /// The scenes.
    package internal(set) var data: DataSettings
    /// The side of a voxel, metres.
    package let grid: Float
    /// The maximum number of voxels of a training cloud.
    package let points: Int
    /// The recipe's list of features, which networks read by default.
    let declaredFeatures: [FeatureSetting]
    /// The student's features, in order.
    package internal(set) var studentFeatures: [FeatureSetting]
    /// The augmentations of training clouds.
    package let views: ViewRecipe
    /// The fixed views of each sample; nil for a new view at each step.
    package let fixedViews: FixedViews?
    /// The augmentations of the strong view, applied after those of the weak one.
    package let strongView: ViewRecipe
    /// The student's section, whose classes and inputs may still be open.
    let student: NetworkSection
    /// The teacher; nil for training without one.
    package internal(set) var teacher: TeacherSettings?
    /// The student's parameters that are trained.
    package let scope: TrainingScope
    /// The decay of a moving average of the weights; nil if none is kept.
    package let average: Double?
    /// The objectives.
    package let objectives: WeightedSum
    /// The taps at which features are compared.
    package let taps: (student: Tap, teacher: Tap)
    /// The optimiser.
    package let optimiser: OptimiserSettings
    /// The number of clouds per mini-batch.
    package let batch: Int
    /// The number of clouds per micro-shard.
    package let shard: Int
    /// The number of steps of the whole run.
    package let steps: Int
    /// Validation.
    package let validation: ValidationSettings
    /// Checkpoints.
    package let checkpoints: CheckpointSettings

    /// The precision of gradients before they are summed.
    package let wire: GradientWire

    /// The number of micro-shards per step.
    package var shards: Int { (batch + shard - 1) / shard }

    /// The places of a micro-shard's clouds in the mini-batch, the same in every step.
    package func places(of number: Int) -> Range<Int> {
        number * shard..<min((number + 1) * shard, batch)
    }

    /// Reads a recipe.
    ///
    /// - Parameters:
    ///   - yaml: the text.
    ///   - file: the file's name in messages.
    ///   - steps: replaces the recipe's number of steps.
    ///   - seed: replaces the recipe's seed.
    package init(
        yaml: String, file: String = "the recipe", steps: Int? = nil, seed: UInt64? = nil
    ) throws {
        text = yaml
        self.file = file
        let top = try SettingsNode(yaml: yaml, file: file).mapping()
        // Read even if the command line replaces it, so that an invalid seed is never accepted.
        let written = try top.integer("seed", default: 1, in: 0...Int.max)
        self.seed = seed ?? UInt64(written)
        data = try top.required("data").decode(DataSettings.self).readingClasses(beside: file)
        grid = Float(try top.required("grid").number(in: 1e-4...100))
        points = try top.integer("points", default: 100_000, in: 16...10_000_000)
        let declared = try [FeatureSetting](top.required("features"))
        declaredFeatures = declared
        let teacherNode = top["teacher"]
        objectives = try Self.objectives(top["objectives"], hasTeacher: teacherNode != nil)
        let turns = objectives.needs.contains(.quarterTurns)
        let varied = try ViewSettings(top["views"], turns: turns)
        views = varied.recipe
        fixedViews = varied.fixed
        strongView = try varied.strongView(top["strong-view"], turns: turns)
        let studentNode = try top.required("student")
        student = try NetworkSection(studentNode)
        studentFeatures =
            try NetworkSection.features(in: studentNode, declared: declared) ?? declared
        // Decoded once for its errors: the network itself is built when the data are open.
        _ = try student.network(classes: nil, inputs: nil)
        teacher = try teacherNode.map {
            try TeacherSettings(
                $0, hasFixedViews: varied.fixed != nil, declared: declared)
        }
        scope = try TrainingScope(top["train"])
        average = try top["average"]?.number(in: 0...0.999_999)
        taps = try Self.taps(top["taps"])
        let wanted = try steps ?? top.required("steps").integer(in: 1...100_000_000)
        _ = top["steps"]
        self.steps = wanted
        optimiser = try OptimiserSettings(top["optimiser"], steps: wanted)
        batch = try top.integer("batch", default: 4, in: 1...65_536)
        shard = try top.integer("shard", default: 1, in: 1...65_536)
        wire = try Self.wire(top["wire"])
        validation = try Self.validation(top["validation"])
        checkpoints = try Self.checkpoints(top["checkpoints"])
        try top.finish()
        notes = top.here.notes.all
        // After the sections, since it concerns two of them and has no line of its own.
        if teacher == nil, !objectives.needs.isDisjoint(with: .teacher) {
            throw RecipeError(
                "\(file): the objectives \(objectives) compare with a teacher; "
                    + "give one (teacher: {model: PATH}) or remove those objectives.")
        }
        if average == nil, objectives.needs.contains(.average) {
            throw RecipeError(
                "\(file): the objectives \(objectives) compare with the moving average of the "
                    + "student; keep one (average: 0.999) or remove those objectives.")
        }
    }

    /// The names of the student's features, in order.
    package var features: [String] { studentFeatures.map(\.name) }

    /// The recipe for a student with these features, without features of a teacher.
    package func reading(_ features: [Feature]) -> Recipe {
        var other = self
        other.studentFeatures = features.map { FeatureSetting($0) }
        other.teacher?.features = nil
        return other
    }

    /// The stored model that the student begins with; nil if it is drawn from the seed.
    package var studentModel: String? { student.model }

    /// The student's network for data with so many classes and inputs.
    package func studentNetwork(classes: Int, inputs: Int) throws -> any Network {
        try student.built(classes: classes, inputs: inputs)
    }

    /// The plan of the objectives for these networks; throws if they do not fit.
    package func plan(
        student: any Network, teacher: NetworkPair.Side?
    ) throws -> ObjectivePlan {
        let plan: ObjectivePlan
        do {
            plan = try ObjectivePlan(
                objectives,
                for: NetworkPair(
                    student: .init(student), teacher: teacher, taps: taps,
                    classes: student.classes))
        } catch let error as ObjectiveError {
            throw RecipeError("\(file): \(error)")
        }
        try scope.check(student)
        if scope == .heads, plan.specifications.isEmpty {
            throw RecipeError(
                "\(file): train is heads, but no objective has parameters to train: add an "
                    + "objective with heads or projectors, or remove train.")
        }
        return plan
    }

    private static func objectives(
        _ section: SettingsNode?, hasTeacher: Bool
    ) throws -> WeightedSum {
        guard let section else {
            return try ObjectivePreset.standard(hasTeacher: hasTeacher).sum()
        }
        return try ObjectiveSettings(section).sum()
    }

    private static func taps(_ section: SettingsNode?) throws -> (student: Tap, teacher: Tap) {
        guard let values = try section?.mapping() else {
            return (.lastDecoderStage, .lastDecoderStage)
        }
        let taps = (
            student: try values["student"]?.decode(Tap.self) ?? .lastDecoderStage,
            teacher: try values["teacher"]?.decode(Tap.self) ?? .lastDecoderStage
        )
        try values.finish()
        return taps
    }

    private static func wire(_ section: SettingsNode?) throws -> GradientWire {
        guard let section else { return .float32 }
        guard let wire = GradientWire(rawValue: try section.string()) else {
            throw section.error(
                "wire is '\(try section.string())': choose "
                    + GradientWire.allCases.map(\.rawValue).joined(separator: " or ") + ".")
        }
        return wire
    }

    private static func validation(_ section: SettingsNode?) throws -> ValidationSettings {
        var settings = ValidationSettings()
        guard let values = try section?.mapping() else { return settings }
        settings.every = try values["every"]?.integer(in: 1...Int.max)
        settings.scenes = try values["scenes"]?.integer(in: 1...Int.max)
        let atEnd = try values.word("at-end", of: ["all", "scenes"])
        guard atEnd == nil || settings.scenes != nil else {
            throw values.error(
                "validation.at-end has a meaning only beside validation.scenes: remove it, or state the "
                    + "number of scenes.")
        }
        settings.endsWithAll = atEnd != "scenes"
        settings.excluded = try values["exclude"]?.list().map { try $0.string() } ?? []
        try values.finish()
        return settings
    }

    private static func checkpoints(_ section: SettingsNode?) throws -> CheckpointSettings {
        var settings = CheckpointSettings()
        guard let values = try section?.mapping() else { return settings }
        settings.every = try values.integer("every", default: settings.every, in: 1...Int.max)
        settings.keepLast = try values.integer(
            "keep-last", default: settings.keepLast, in: 1...100_000)
        settings.keepEvery = try values["keep-every"]?.integer(in: 1...Int.max)
        try values.finish()
        return settings
    }
}

extension Recipe {
    /// The names of the data's classes.
    package func classNames() throws -> [String] {
        try SourceCatalogue.open(data, split: .validation).classes
    }
}
