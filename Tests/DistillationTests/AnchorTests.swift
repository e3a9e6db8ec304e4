import Distillation
import Foundation
import NetworkTesting
import Tensors
import Testing

/// Points that the cross-sample relation draws.
@Suite struct AnchorTests {
    /// Clouds whose points can be told by their features: an angle a point, for both networks.
    private func trial(step: Int) -> ObjectiveTrial {
        var trial = ObjectiveTrial(sizes: [40, 5, 30], studentWidth: 2, teacherWidth: 2)
        trial.step = step
        for cloud in trial.clouds.indices {
            let angles = trial.clouds[cloud].labels.indices.map { Double($0) * 0.1 }
            trial.clouds[cloud].studentFeatures = angles.map { [3 * cos($0), 3 * sin($0)] }
            trial.clouds[cloud].teacherFeatures = angles.map { [cos($0), sin($0)] }
        }
        return trial
    }

    /// The rows drawn from each cloud, read back from the angles.
    private func draws(
        _ trial: ObjectiveTrial, shards: [[Int]], by key: Int
    ) throws -> [[Int]] {
        let objective = CrossSampleRelation(anchors: 8)
        let total = try Contribution.total(
            of: shards.map { shard in
                let tape = Tape()
                defer { withExtendedLifetime(tape) {} }
                return try objective.contribution(of: trial.input(of: shard, on: tape))
            })
        return stride(from: key, to: total.gathered.count, by: 2).map { index in
            let anchors = total.gathered[index].tensor
            return (0..<anchors.rows).map { row in
                let angle = atan2(Double(anchors[row, 1]), Double(anchors[row, 0]))
                return Int(((angle < 0 ? angle + 2 * .pi : angle) * 10).rounded())
            }
        }
    }

    @Test func drawsAreDistinctAndSharedByStudentAndTeacher() throws {
        let trial = trial(step: 0)
        let student = try draws(trial, shards: [[0, 1, 2]], by: 0)
        #expect(student.map(\.count) == [8, 5, 8])
        #expect(student.allSatisfy { Set($0).count == $0.count && $0 == $0.sorted() })
        #expect(student[1] == [0, 1, 2, 3, 4])
        #expect(try draws(trial, shards: [[0, 1, 2]], by: 1) == student)
    }

    @Test func drawsDependOnStepAndPlaceButNotOnTheMicroShard() throws {
        let together = try draws(trial(step: 0), shards: [[0, 1, 2]], by: 0)
        #expect(try draws(trial(step: 0), shards: [[0], [1, 2]], by: 0) == together)
        #expect(try draws(trial(step: 1), shards: [[0, 1, 2]], by: 0) != together)
        #expect(together[0] != together[2])
    }
}
