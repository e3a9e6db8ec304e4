import Distillation
import Networks
import PointClouds
import Tensors

/// What a relation among points costs one cloud of a mini-batch: contribution, loss and gradient,
/// on features of the width student and teacher have at their last stage.
struct RelationCost {
    private let lessons: [Lesson]

    /// A mini-batch of clouds of so many points; features are normally distributed.
    init(points: Int, clouds: Int, width: (student: Int, teacher: Int) = (32, 64)) throws {
        // The relations look at rows alone: cells in a line are as good as any.
        let cells = (0..<points).map { index in
            SIMD3(Int32(index >> 10), Int32(index & 1023), 0)
        }
        let hierarchy = try SceneGeometry(strides: [], orders: [.z])
            .hierarchy(gridCoordinates: [cells])
        lessons = (0..<clouds).map { place in
            func signals(_ width: Int, _ seed: Int) -> Signals {
                Signals(
                    logits: .zeros(rows: points, columns: 2),
                    features: KernelCase.normal(points, width, UInt64(2 * place + seed)))
            }
            return Lesson(
                hierarchy: hierarchy,
                positions: [[SIMD3<Float>](repeating: .zero, count: points)],
                samples: [UInt64(place)], cloudIDs: [place],
                labels: [Int32](repeating: 0, count: points), classes: 2,
                student: signals(width.student, 0), teacher: signals(width.teacher, 1), seed: 1,
                step: 0)
        }
    }

    /// Median seconds on one thread for one of the clouds, the others' contributions being there.
    func seconds(of objective: some Objective, passes: Int) throws -> Double {
        let totals = Totals(try Contribution.total(of: lessons.map(objective.contribution)))
        let lesson = lessons[0]
        return try Timing(warmUp: passes > 1 ? 1 : 0, passes: passes) {
            let tape = Tape()
            let features = tape.variable(lesson.student.features)
            let moving = Lesson(
                hierarchy: lesson.hierarchy, positions: lesson.positions, samples: lesson.samples,
                cloudIDs: lesson.cloudIDs, labels: lesson.labels, classes: lesson.classes,
                student: Signals(logits: lesson.student.logits, features: features),
                teacher: lesson.teacher, seed: lesson.seed, step: lesson.step)
            _ = try objective.contribution(of: moving)
            let loss = try objective.loss(of: moving, given: totals)
            _ = tape.gradients(from: loss)
        }.median
    }
}
