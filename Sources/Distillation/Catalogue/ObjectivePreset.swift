/// List of objectives under one name, as a paper combines them.
///
/// In a recipe a preset is an entry like any other, and further terms may follow it:
///
///     objectives:
///       - preset: srkd
///       - feature.projector: 0.5
package struct ObjectivePreset: Sendable {
    /// The name in recipes.
    package let name: String
    /// The purpose, in one line.
    package let meaning: String
    /// The publication that combines these objectives.
    package let source: String
    /// The list, as a recipe would write it.
    package let yaml: String

    /// The weighted sum of the objectives.
    package func sum() throws -> WeightedSum { try ObjectiveSettings(yaml: yaml).sum() }

    /// All presets.
    package static let all = [standard, task, srkd, srkdPaper, simpleRecipe]

    /// The preset of a recipe that names no objectives.
    package static func standard(hasTeacher: Bool) -> ObjectivePreset {
        hasTeacher ? standard : task
    }

    /// The preset of a name.
    package static subscript(_ name: String) -> ObjectivePreset? { all.first { $0.name == name } }
}

extension ObjectivePreset {
    /// The default of a student that has a teacher.
    static let standard = ObjectivePreset(
        name: "default",
        meaning: "the task, soft targets, the teacher's stages and channels: the objectives of a "
            + "student with a teacher where a recipe names none",
        source: "this project's studies (Tests/Studies)",
        yaml: """
            - task.cross-entropy
            - task.lovasz
            - semantic.soft-targets: {temperature: 2, weight: 1}
            - hierarchy.stages: {weight: 1, ramp: 60}
            - feature.channel: {weight: 3, ramp: 60}
            """)

    /// The default of a student without a teacher.
    static let task = ObjectivePreset(
        name: "task",
        meaning:
            "the task alone: the objectives of a student without a teacher where a recipe names "
            + "none",
        source: "Point Transformer V3's recipes",
        yaml: """
            - task.cross-entropy
            - task.lovasz
            """)

    /// SRKD with temperatures and weights whose gradients are large enough to change the student.
    static let srkd = ObjectivePreset(
        name: "srkd",
        meaning:
            "structure and relation: soft targets, relations across clouds and in super-voxels",
        source: "SRKD (arXiv 2506.17290); temperature and weight of relations from CIRKD, cosines "
            + "from PVKD",
        yaml: """
            - task.cross-entropy
            - task.lovasz
            - semantic.soft-targets: {temperature: 2, weight: 0.3}
            - relation.cross-sample: {temperature: 0.1, weight: 1}
            - relation.super-voxel: {affinity: cosine, weight: 1}
            """)

    /// SRKD with the published numbers.
    static let srkdPaper = ObjectivePreset(
        name: "srkd-paper",
        meaning: "the same with the published numbers, at which relations have almost no effect",
        source: "SRKD (arXiv 2506.17290)",
        yaml: """
            - task.cross-entropy
            - task.lovasz
            - semantic.soft-targets: {temperature: 2, weight: 0.3}
            - relation.cross-sample: {preset: srkd-paper}
            - relation.super-voxel: {preset: srkd-paper}
            """)

    /// The projector of Miles & Mikolajczyk with the terms that accompany it.
    static let simpleRecipe = ObjectivePreset(
        name: "simple-recipe",
        meaning: "the projector beside cross entropy and soft targets at T = 1",
        source: "Miles & Mikolajczyk, arXiv 2303.11098",
        yaml: """
            - task.cross-entropy
            - semantic.soft-targets: {temperature: 1, weight: 1}
            - feature.projector: 2
            """)
}
