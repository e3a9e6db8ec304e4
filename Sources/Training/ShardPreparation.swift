import Distillation
import Networks
import PointClouds

/// The part of a micro-shard's work that no weight of the student enters: its clouds as one scene,
/// and the teacher's outputs for them.
///
/// A pure function of the clouds, so an idle worker can prepare the next step ahead of time.
package struct ShardPreparation: Sendable {
    /// The clouds' places in the mini-batch.
    let places: [Int]
    let batch: ExampleBatch
    /// The same clouds in the strong view; nil unless an objective needs it.
    let strong: ExampleBatch?
    /// The teacher's outputs; nil where there is no teacher.
    let teacher: NetworkOutputs?
    /// The teacher's outputs for the strong view.
    let strongTeacher: NetworkOutputs?
    /// The time of each phase; callers add the time for reading clouds.
    package var times = ShardTimes()

    /// Builds the scene and computes the teacher's outputs.
    ///
    /// - Parameter examples: the micro-shard's clouds, with their places in the mini-batch.
    package init(_ context: ShardContext, examples: [(place: Int, example: Example)]) throws {
        places = examples.map(\.place)
        let batch = try ExampleBatch(examples.map(\.example), geometry: context.student.geometry)
        let strong = try context.plan.needs.contains(.strongView) ? batch.strong() : nil
        let taps = context.plan.teacherTaps
        var teacher: (weak: NetworkOutputs?, strong: NetworkOutputs?) = (nil, nil)
        if let provider = context.provider {
            try times.measure(.teacher) {
                teacher.weak = try provider.outputs(for: batch).restricted(to: taps)
                teacher.strong = try strong.map {
                    try provider.outputs(for: $0).restricted(to: taps)
                }
            }
        }
        (self.batch, self.strong) = (batch, strong)
        (self.teacher, strongTeacher) = (teacher.weak, teacher.strong)
    }
}
