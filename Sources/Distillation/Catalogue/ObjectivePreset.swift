/// A whole list of objectives under one name, as a paper puts them together.
///
/// In a recipe it is an entry like any other, and further terms may stand beside it:
///
///     objectives:
///       - preset: srkd
///       - feature.projector: 0.5
package struct ObjectivePreset: Sendable {
    /// The name recipes use.
    package let name: String
    /// What it is, in one line.
    package let meaning: String
    /// Who put these together.
    package let source: String
    /// What it stands for: entries of ``ObjectiveSettings``.
    package let entries: [SettingValue]

    /// Every preset there is.
    package static let all = [standard, task, srkd, srkdPaper, simpleRecipe]

    /// What a recipe that names no objectives wants of its student.
    package static func unsaid(hasTeacher: Bool) -> ObjectivePreset {
        hasTeacher ? standard : task
    }

    /// The preset of a name.
    package static subscript(_ name: String) -> ObjectivePreset? { all.first { $0.name == name } }
}

extension ObjectivePreset {
    /// The default of a student that has a teacher.
    static let standard = ObjectivePreset(
        name: "default",
        meaning: "the task, soft targets, the teacher's stages and channels: what a student with a "
            + "teacher gets where a recipe names no objectives",
        source: "this project's studies (Tests/Studies)",
        entries: labels + [
            .table([
                SoftTargets.name: .table(["temperature": .number(2), "weight": .number(1)])
            ]),
            .table([
                StageFeatures.name: .table(["weight": .number(1), "ramp": .number(60)])
            ]),
            .table([
                ChannelDistribution.name: .table(["weight": .number(3), "ramp": .number(60)])
            ]),
        ])

    /// The default of a student that has none.
    static let task = ObjectivePreset(
        name: "task",
        meaning: "the task alone: what a student without a teacher gets where a recipe names no "
            + "objectives",
        source: "Point Transformer V3's recipes",
        entries: labels)

    /// SRKD with temperatures and weights that move a student.
    static let srkd = ObjectivePreset(
        name: "srkd",
        meaning:
            "structure and relation: soft targets, relations across clouds and in super-voxels",
        source: "SRKD (arXiv 2506.17290); temperature and weight of relations from CIRKD, cosines "
            + "from PVKD",
        entries: labels + [
            softTargets,
            .table([
                CrossSampleRelation.name: .table([
                    "temperature": .number(0.1), "weight": .number(1),
                ])
            ]),
            .table([
                SuperVoxelRelation.name: .table(["affinity": .text("cosine"), "weight": .number(1)])
            ]),
        ])

    /// SRKD with the numbers it was published with.
    static let srkdPaper = ObjectivePreset(
        name: "srkd-paper",
        meaning: "the same with the numbers as published: relations all but silent",
        source: "SRKD (arXiv 2506.17290)",
        entries: labels + [
            softTargets,
            .table([CrossSampleRelation.name: .table(["preset": .text("srkd-paper")])]),
            .table([SuperVoxelRelation.name: .table(["preset": .text("srkd-paper")])]),
        ])

    /// Miles & Mikolajczyk's projector with what accompanies it.
    static let simpleRecipe = ObjectivePreset(
        name: "simple-recipe",
        meaning: "the projector beside cross entropy and soft targets at T = 1",
        source: "Miles & Mikolajczyk, arXiv 2303.11098",
        entries: [
            .text(CrossEntropy.name),
            .table([
                SoftTargets.name: .table(["temperature": .number(1), "weight": .number(1)])
            ]),
            .table([FeatureProjector.name: .number(2)]),
        ])

    private static let labels: [SettingValue] = [
        .text(CrossEntropy.name), .text(LovaszSoftmax.name),
    ]

    private static let softTargets = SettingValue.table([
        SoftTargets.name: .table(["temperature": .number(2), "weight": .number(0.3)])
    ])
}
