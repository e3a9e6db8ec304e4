import Distillation
import Foundation
import NetworkTesting
import PointClouds
import Settings
import Tensors
import Testing

@Suite struct SuperVoxelRelationTests {
    /// Grids under which the trial's clouds have several super-voxels of several voxels and points.
    static let grids = [
        SuperVoxelGrid.cylindrical(cells: SIMD3(4, 8, 4), span: SIMD3(2, 4, 3)),
        .cubic(side: 0.21, division: 2),
    ]

    @Test(arguments: grids, [(1.0, 1.0), (0.5, 0), (0, 2)])
    func cosines(grid: SuperVoxelGrid, weights: (Double, Double)) throws {
        try checkObjective(
            SuperVoxelRelation(
                grid: grid, superVoxels: 100, point: weights.0, voxel: weights.1),
            drawsPoints: true,
            reference: Reference.superVoxels(
                grid, point: weights.0, voxel: weights.1, affinity: Reference.cosine))
    }

    @Test(arguments: grids) func distances(grid: SuperVoxelGrid) throws {
        try checkObjective(
            SuperVoxelRelation(grid: grid, superVoxels: 100, affinity: .distance),
            reference: Reference.superVoxels(
                grid, point: 1, voxel: 1, affinity: Reference.weightedDistance))
    }

    @Test(arguments: Affinity.allCases) func draws(affinity: Affinity) throws {
        try checkObjective(
            SuperVoxelRelation(
                grid: .cubic(side: 0.21, division: 2), superVoxels: 2, points: 2,
                affinity: affinity), drawsPoints: true)
    }

    /// Every mistake one can make in the closed forms must be seen.
    @Test(arguments: [
        ("the weight not squared", 0), ("means not taken away", 1), ("voxels by points", 2),
    ])
    func wrongReferenceIsRejected(mistake: (String, Int)) throws {
        let grid = Self.grids[1]
        let wrong: Reference.PairAffinity =
            switch mistake.1 {
            case 0: { a, b, w in w.squareRoot() * Reference.weightedDistance(a, b, 1) }
            case 1: { a, b, w in w * (Reference.dot(a, a) + Reference.dot(b, b)) }
            default: { a, b, w in Reference.weightedDistance(a, b, w) }
            }
        #expect(throws: ObjectiveViolation.self) {
            try checkObjective(
                SuperVoxelRelation(grid: grid, superVoxels: 100, affinity: .distance),
                reference: Reference.superVoxels(
                    grid, point: mistake.1 == 2 ? 2 : 1, voxel: mistake.1 == 2 ? 0 : 1,
                    affinity: wrong))
        }
    }

    /// A rare class far out is drawn far more often than a frequent one close by.
    @Test func rareAndFarSuperVoxelsAreDrawnMoreOften() throws {
        var trial = ObjectiveTrial(sizes: [40], studentWidth: 2, teacherWidth: 2)
        let far: SIMD3<Float> = [9.5, 0, 0]
        trial.clouds[0].positions = (0..<40).map { $0 < 30 ? [0.5 + 0.01 * Float($0), 0, 0] : far }
        trial.clouds[0].labels = (0..<40).map { $0 < 30 ? 0 : 1 }
        // Only the far points' affinities differ: the loss is 0 where the near ones are drawn.
        trial.clouds[0].studentFeatures = (0..<40).map { $0 % 2 == 0 ? [1, 0] : [0, 1] }
        trial.clouds[0].teacherFeatures = (0..<40).map {
            $0 < 30 && $0 % 2 == 1 ? [0, 1] : [1, 0]
        }
        let objective = SuperVoxelRelation(
            grid: .cylindrical(cells: SIMD3(4, 1, 1), span: SIMD3(1, 1, 1)), superVoxels: 1,
            voxel: 0)
        var drawn = 0
        for step in 0..<400 {
            trial.step = step
            if try trial.outcome(of: objective, shards: [[0]]).value > 0 { drawn += 1 }
        }
        // Odds: (1 - 10/40) * 4/4 against (1 - 30/40) * 1/4: 12 to 1.
        #expect(abs(Double(drawn) / 400 - 12.0 / 13) < 0.05)
    }

    @Test func settings() throws {
        func made(_ json: String) throws -> String {
            try ObjectiveSettings(yaml: json).sum().description
        }
        #expect(
            try made(#"[{"relation.super-voxel": {"preset": "srkd-paper"}}]"#)
                == "0.001 * SuperVoxelRelation(affinity: .distance, point: 1, voxel: 1)")
        #expect(
            try made(
                #"[{"relation.super-voxel": {"grid": "cubic", "side": 1.5, "super-voxels": 8}}]"#)
                == "SuperVoxelRelation(grid: .cubic(side: 1.5, division: 8), superVoxels: 8, "
                + "point: 1, voxel: 1)")
        #expect(
            try made(#"[{"relation.super-voxel": {"span": [60, 60, 8], "points": 64}}]"#)
                == "SuperVoxelRelation(grid: .cylindrical(cells: [480, 360, 32], "
                + "span: [60, 60, 8]), points: 64, point: 1, voxel: 1)")
        for (json, sentence) in [
            (
                #"{"side": 2}"#,
                ".side: a cylindrical grid has none: remove it, or say grid: cubic."
            ),
            (#"{"cells": [4, 4]}"#, ".cells has 2 entries: give 3."),
            (
                #"{"cells": [4, 4, 0]}"#,
                ".cells[2] is 0: give a whole number from 1 to 4096."
            ),
            (
                #"{"affinity": "dot"}"#,
                ".affinity is 'dot': give cosine or distance."
            ),
        ] {
            let error = #expect(throws: SettingsError.self) {
                try made(#"[{"relation.super-voxel": \#(json)}]"#)
            }
            #expect(
                error?.description == "the objectives, line 1: objectives[0].relation.super-voxel"
                    + sentence)
        }
    }
}

extension Reference {
    /// The affinity of two features in a super-voxel of a weight.
    typealias PairAffinity = @Sendable (_ a: [Double], _ b: [Double], _ weight: Double) -> Double

    static let cosine: PairAffinity = { a, b, _ in dot(unit(a), unit(b)) }
    static let weightedDistance: PairAffinity = { a, b, weight in
        weight * zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }

    /// All super-voxels and all their points are drawn.
    static func superVoxels(
        _ grid: SuperVoxelGrid, point: Double, voxel: Double, affinity: @escaping PairAffinity
    ) -> ObjectiveReference {
        { trial in
            let clouds = trial.clouds.filter { !$0.labels.isEmpty }
            return clouds.reduce(0) { loss, cloud in
                let regions = regions(of: cloud.positions, grid)
                let found = Set(regions.map(\.superVoxel))
                var sum = 0.0
                for superVoxel in found {
                    let members = regions.indices.filter { regions[$0].superVoxel == superVoxel }
                    let labels = members.map { cloud.labels[$0] }
                    let common = Set(labels).max { a, b in
                        let counts = (labels.count { $0 == a }, labels.count { $0 == b })
                        return counts.0 != counts.1
                            ? counts.0 < counts.1 : UInt32(bitPattern: a) > UInt32(bitPattern: b)
                    }
                    let share =
                        Double(cloud.labels.count { $0 == common }) / Double(cloud.labels.count)
                    let weight =
                        (share < 1 ? 1 - share : 1) / Double(found.count)
                        * regions[members[0]].reach
                    let voxels = Dictionary(grouping: members) { regions[$0].voxel }
                    func gap(_ sets: [[Int]]) -> Double {
                        let student = sets.map { mean($0.map { cloud.studentFeatures[$0] }) }
                        let teacher = sets.map { mean($0.map { cloud.teacherFeatures[$0] }) }
                        var squares = 0.0
                        for a in sets.indices {
                            for b in sets.indices {
                                let difference =
                                    affinity(student[a], student[b], weight)
                                    - affinity(teacher[a], teacher[b], weight)
                                squares += difference * difference
                            }
                        }
                        return squares / Double(sets.count * sets.count)
                    }
                    sum += point * gap(members.map { [$0] }) + voxel * gap(Array(voxels.values))
                }
                return loss + sum / Double(found.count * clouds.count)
            }
        }
    }

    static func mean(_ rows: [[Double]]) -> [Double] {
        rows[0].indices.map { column in
            rows.reduce(0) { $0 + $1[column] } / Double(rows.count)
        }
    }

    struct Region {
        var superVoxel: SIMD3<Int>
        var voxel: SIMD3<Int>
        /// D / R.
        var reach: Double
    }

    static func regions(of positions: [SIMD3<Float>], _ grid: SuperVoxelGrid) -> [Region] {
        let points = positions.map { SIMD3<Double>($0) }
        let least = SIMD3(
            points.map(\.x).min()!, points.map(\.y).min()!, points.map(\.z).min()!)
        let greatest = SIMD3(
            points.map(\.x).max()!, points.map(\.y).max()!, points.map(\.z).max()!)
        let size = greatest - least
        switch grid {
        case .cylindrical(let cells, let span):
            let radius = points.map { hypot($0.x, $0.y) }.max()!
            return points.map { p in
                let angle = atan2(p.y, p.x)
                let parts = [
                    hypot(p.x, p.y) / radius, (angle < 0 ? angle + 2 * .pi : angle) / (2 * .pi),
                    size.z > 0 ? (p.z - least.z) / size.z : 0,
                ]
                let place = SIMD3(
                    (0..<3).map { min(Int(parts[$0] * Double(cells[$0])), cells[$0] - 1) })
                return Region(
                    superVoxel: place / span, voxel: place,
                    reach: min(Double((place.x / span.x + 1) * span.x) / Double(cells.x), 1))
            }
        case .cubic(let side, let division):
            let radius = hypot(size.x, size.y) / 2
            return points.map { p in
                let place = SIMD3((0..<3).map { Int((p - least)[$0] / side * Double(division)) })
                let superVoxel = place / division
                var farthest = 0.0
                for (dx, dy) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let x = Double(superVoxel.x + dx) * side - size.x / 2
                    let y = Double(superVoxel.y + dy) * side - size.y / 2
                    farthest = max(farthest, hypot(x, y))
                }
                return Region(
                    superVoxel: superVoxel, voxel: place,
                    reach: radius > 0 ? min(farthest / radius, 1) : 1)
            }
        }
    }
}
