import Distillation
import Networks
import PointClouds

/// The part of a micro-shard's work that no weight of the student enters: its clouds side by side,
/// and what the teacher says of them.
///
/// A pure function of the clouds, and so the same whether it is made when a step begins or, as long
/// as a worker has nothing else to do, before.
package struct ShardPreparation: Sendable {
    /// The clouds' places in the mini-batch.
    let places: [Int]
    let batch: ExampleBatch
    /// The same clouds in the strong view; nil where nobody asks for it.
    let strong: ExampleBatch?
    /// What the teacher says; nil where there is none.
    let taught: Signals?
    /// What it says of the strong view.
    let taughtOfStrong: Signals?
    /// How long each part took; whoever read the clouds adds that.
    package var times = ShardTimes()

    /// Puts clouds side by side and asks the teacher.
    ///
    /// - Parameter examples: the micro-shard's clouds, with their places in the mini-batch.
    package init(_ context: ShardContext, examples: [(place: Int, example: Example)]) throws {
        places = examples.map(\.place)
        let batch = try ExampleBatch(examples.map(\.example), geometry: context.student.geometry)
        let strong = try context.plan.needs.contains(.strongView) ? batch.strong() : nil
        let taps = context.plan.teacherTaps
        var taught: (weak: Signals?, strong: Signals?) = (nil, nil)
        if let teaching = context.teaching {
            try times.measure(.teacher) {
                taught.weak = Signals(try teaching.knowledge(of: batch), at: taps)
                taught.strong = try strong.map {
                    Signals(try teaching.knowledge(of: $0), at: taps)
                }
            }
        }
        (self.batch, self.strong) = (batch, strong)
        (self.taught, taughtOfStrong) = (taught.weak, taught.strong)
    }
}
