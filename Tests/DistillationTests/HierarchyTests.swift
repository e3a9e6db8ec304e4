import Distillation
import NetworkTesting
import Networks
import PointClouds
import Settings
import Testing

@Suite struct HierarchyTests {
    @Test func everyStage() throws {
        try checkObjective(StageFeatures()) { trial in
            ObjectiveTrial.taps.reduce(0) { $0 + Self.meanSquare(trial, at: $1) / 3 }
        }
    }

    @Test func someStagesByWeight() throws {
        try checkObjective(
            StageFeatures(levels: [.init(.decoder(0), weight: 0.5), .init(.encoder(1), weight: 2)])
        ) { trial in
            (0.5 * Self.meanSquare(trial, at: .decoder(0))
                + 2 * Self.meanSquare(trial, at: .encoder(1))) / 2.5
        }
    }

    /// A stage's voxels, not the points, are what its mean runs over.
    @Test func meanOverPointsIsRejected() throws {
        #expect(throws: ObjectiveViolation.self) {
            try checkObjective(StageFeatures(levels: [.init(.encoder(1))])) { trial in
                let points = trial.clouds.reduce(0) { $0 + $1.labels.count }
                let voxels = trial.clouds.reduce(0) {
                    $0 + $1.student.features[.encoder(1)]!.count
                }
                return Self.meanSquare(trial, at: .encoder(1)) * Double(voxels) / Double(points)
            }
        }
    }

    private static func meanSquare(_ trial: ObjectiveTrial, at tap: Tap) -> Double {
        Reference.meanSquare(
            Reference.projected(
                trial.clouds.flatMap { $0.student.features[tap]! }, trial, "projectors.\(tap)"),
            trial.clouds.flatMap { $0.teacher.features[tap]! })
    }

    @Test(arguments: SuperVoxelRelationTests.grids, [false, true])
    func regions(grid: SuperVoxelGrid, byClass: Bool) throws {
        try checkObjective(RegionFeatures(grid: grid, byClass: byClass)) { trial in
            var means = (student: [[Double]](), teacher: [[Double]]())
            for cloud in trial.clouds {
                let cells = Reference.regions(of: cloud.positions, grid)
                let keys = cells.indices.map { place in
                    let label = byClass ? Int(cloud.labels[place]) : 0
                    return [cells[place].superVoxel.x, cells[place].superVoxel.y]
                        + [cells[place].superVoxel.z, label]
                }
                for key in Set(keys) {
                    let members = keys.indices.filter { keys[$0] == key }
                    means.student.append(Reference.mean(members.map { cloud.studentFeatures[$0] }))
                    means.teacher.append(Reference.mean(members.map { cloud.teacherFeatures[$0] }))
                }
            }
            return Reference.meanSquare(
                Reference.projected(means.student, trial), means.teacher)
        }
    }

    @Test func settings() throws {
        func made(_ yaml: String) throws -> String {
            try ObjectiveSettings(yaml: yaml).sum().description
        }
        #expect(
            try made("[hierarchy.stages: {levels: {enc0: 1, dec0: 2}}]")
                == "StageFeatures(levels: [Level(dec0, weight: 2), Level(enc0)])")
        #expect(
            try made("[hierarchy.regions: {grid: cubic, by-class: true}]")
                == "RegionFeatures(grid: .cubic(side: 2, division: 8), byClass: true)")
        let error = #expect(throws: SettingsError.self) {
            try made("[hierarchy.stages: {levels: {head: 1}}]")
        }
        #expect(
            error?.description
                == "the objectives, line 1: objectives[0].hierarchy.stages.levels.head: there is no such tap: write enc0, "
                + "enc1, … or dec0, dec1, ….")
    }

    /// Weight passes from the logits to the stages.
    @Test func scheduleShiftsTheWeight() throws {
        let sum = try ObjectiveSettings(
            yaml: """
                - semantic.soft-targets: {weight: 1, fade: {to: 0, steps: 100}}
                - hierarchy.stages: {weight: 0, fade: {to: 1, steps: 100}}
                """
        ).sum()
        let weights = [0, 49, 99, 500].map { step in sum.terms.map { $0.weight(at: step) } }
        #expect(weights == [[0.99, 0.01], [0.5, 0.5], [0, 1], [0, 1]])
    }

    @Test func missingTeacherTapIsNamed() throws {
        let pair = ObjectiveTrial().pair
        let poor = NetworkPair(
            student: pair.student,
            teacher: .init(
                taps: [TapDescription(tap: .decoder(0), width: 5)],
                geometry: ObjectiveTrial.geometry), classes: 4)
        let error = #expect(throws: ObjectiveError.self) {
            try ObjectivePlan(
                WeightedSum(StageFeatures(levels: [.init(.encoder(1))])), for: poor)
        }
        #expect(error?.description == "There is no tap enc1; there are dec0.")
        let plan = try ObjectivePlan(WeightedSum(StageFeatures()), for: poor)
        #expect(
            plan.specifications.map(\.name) == [
                "objectives.hierarchy.stages.projectors.dec0.weight",
                "objectives.hierarchy.stages.projectors.dec0.bias",
            ])
    }
}

extension Reference {
    /// The mean of the squares of all differences.
    static func meanSquare(_ a: [[Double]], _ b: [[Double]]) -> Double {
        let squares = zip(a, b).flatMap { zip($0, $1).map { ($0 - $1) * ($0 - $1) } }
        return squares.reduce(0, +) / Double(squares.count)
    }
}
