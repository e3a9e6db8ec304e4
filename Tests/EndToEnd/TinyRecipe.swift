/// A recipe with short steps, also in debug builds.
struct TinyRecipe {
    var seed = 3
    var steps = 30
    /// The maximum number of voxels per cloud.
    var points = 200
    /// Clouds per mini-batch.
    var batch = 5
    /// The lines of the `data` section.
    var data: String
    /// The teacher's path; nil for none.
    var teacher: String?
    /// The `teacher` section, if it is more than a path.
    var teaching: String?
    var objectives = ["task.cross-entropy"]
    var channels = [8, 16]
    /// The `student` section; nil for a Point Transformer V3 of ``channels``.
    var student: String?
    /// Further lines.
    var rest = ""

    /// Objectives of distillation: per point, within clouds and across the clouds of a mini-batch.
    static let distilling = [
        "task.cross-entropy",
        "semantic.soft-targets: {weight: 0.3, temperature: 2}",
        "relation.dense: 0.5",
        "relation.cross-sample: {weight: 1}",
    ]

    /// The `data` section for scans in SemanticKITTI's layout.
    static func scans(at path: String) -> String {
        """
          source: semantickitti
          path: \(path)
          sequences: {training: ["00"], validation: ["08"]}
        """
    }

    /// The `data` section for generated streets.
    static let streets = """
          source: streets
          scenes: {training: 7, validation: 2}
          options: {beams: 16, azimuth-steps: 64, range: 15}
        """

    var yaml: String {
        let lists = objectives.map { "  - \($0)" }.joined(separator: "\n")
        let path = teacher.map { "teacher: {model: \($0)}" }
        let network =
            student.map { "student: \($0)" }
                ?? """
                student:
                  stride: [2]
                  enc_depths: [1, 1]
                  enc_channels: \(channels)
                  enc_num_head: [1, 2]
                  dec_depths: [1]
                  dec_channels: [\(channels[0])]
                  dec_num_head: [1]
                  patch_size: 32
                  order: [z, hilbert]
                """
        let teacher = teaching.map { "teacher: \($0)" } ?? path ?? "# no teacher"
        return """
            seed: \(seed)
            data:
            \(data)
            grid: 0.4
            points: \(points)
            features: [position, intensity]
            \(network)
            \(teacher)
            objectives:
            \(lists)
            steps: \(steps)
            batch: \(batch)
            \(rest)

            """
    }
}
