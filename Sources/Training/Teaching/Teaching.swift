public import Networks

/// How the teacher's word reaches the micro-shards of a run.
public struct Teaching: Sendable {
    private let teacher: Teacher
    private let taps: [Tap]

    /// A teacher that is asked anew for every micro-shard, for its features at the given taps.
    public init(live teacher: Teacher, taps: [Tap]) {
        self.teacher = teacher
        self.taps = taps
    }

    /// What the teacher says about a micro-shard's clouds: rows are voxels, cloud after cloud.
    func knowledge(of batch: ExampleBatch) throws -> Knowledge {
        teacher.knowledge(of: try batch.scene(for: teacher.network.geometry), at: taps)
    }
}
