import PointClouds
import Tensors
import Testing

@Suite struct CropTests {
    static let cloud = randomCloud(3000, seed: 6)

    @Test func nearestKeepsTheNearestToOneOfItsPoints() {
        let crop = Crop.nearest(points: 500)
        var generator = CounterGenerator(seed: 1, purpose: .init("test"))
        let rows = crop.rows(of: Self.cloud.positions, using: &generator)
        #expect(rows.count == 500 && rows == rows.sorted() && Set(rows).count == 500)
        var again = CounterGenerator(seed: 1, purpose: .init("test"))
        let centre = Self.cloud.positions[again.index(below: 3000)]
        let distances = Self.cloud.positions.map { (($0 - centre) * ($0 - centre)).sum() }
        let nearest = (0..<3000).sorted { (distances[$0], $0) < (distances[$1], $1) }.prefix(500)
        #expect(Set(nearest.map { Int32($0) }) == Set(rows))
        #expect(
            Crop.nearest(points: 3000)(Self.cloud, seed: 1, step: 1, sample: 1).positions
                == Self.cloud.positions)
    }

    @Test func boxAndRingKeepThePointsInside() {
        let box = Crop.box(lower: SIMD3(-5, -5, -2), upper: SIMD3(5, 5, 0))
        let inside = box(Self.cloud, seed: 1, step: 1, sample: 1)
        #expect(inside.count > 0 && inside.count < 3000)
        #expect(
            inside.positions
                == Self.cloud.positions.filter {
                    abs($0.x) <= 5 && $0.x < 5 && abs($0.y) <= 5 && $0.y < 5 && $0.z >= -2
                        && $0.z < 0
                })
        #expect(inside.labels.count == inside.count)
        let ring = Crop.ring(from: 3, to: 10)(Self.cloud, seed: 1, step: 1, sample: 1)
        #expect(
            ring.positions
                == Self.cloud.positions.filter {
                    (9..<100).contains($0.x * $0.x + $0.y * $0.y)
                })
    }

    @Test func voxelsAreCroppedWithTheirGrid() throws {
        let voxels = try VoxelCloud(Self.cloud, gridSize: 0.5)
        let part = Crop.nearest(points: 100)(voxels, seed: 1, step: 1, sample: 1)
        #expect(part.count == 100 && part.cloud.count == 100)
        for (point, voxel) in part.inverse.enumerated() where voxel >= 0 {
            #expect(
                voxels.gridCoordinates[Int(voxels.inverse[point])]
                    == part.gridCoordinates[Int(voxel)])
        }
        let other = Crop.nearest(points: 100)(voxels, seed: 1, step: 2, sample: 1)
        #expect(other.gridCoordinates != part.gridCoordinates)
    }

    @Test(arguments: [
        Crop.nearest(points: 0), .box(lower: .zero, upper: SIMD3(1, 1, 0)), .ring(from: 2, to: 2),
    ])
    func cropThatKeepsNothingIsRefused(crop: Crop) throws {
        #expect(throws: PointCloudError.self) { try crop.check() }
        try Crop.ring(from: 0, to: 50).check()
    }
}
