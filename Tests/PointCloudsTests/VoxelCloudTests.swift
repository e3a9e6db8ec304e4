import PointCloudTesting
import PointClouds
import Tensors
import Testing

@Suite struct VoxelCloudTests {
    static let cloud = randomCloud(5000, seed: 4)

    @Test func everyPointLiesInItsVoxel() throws {
        let voxels = try VoxelCloud(Self.cloud, gridSize: 0.5)
        let least = Self.cloud.positions.reduce(SIMD3(repeating: Float.infinity)) {
            pointwiseMin($0, $1)
        }
        #expect(voxels.inverse.count == Self.cloud.count && voxels.cloud.count == voxels.count)
        #expect(Set(voxels.gridCoordinates).count == voxels.count && voxels.count < 5000)
        var first = [Int](repeating: -1, count: voxels.count)
        for (index, voxel) in voxels.inverse.enumerated() {
            let cell = ((Self.cloud.positions[index] - least) / 0.5).rounded(.down)
            #expect(SIMD3<Float>(voxels.gridCoordinates[Int(voxel)]) == cell)
            if first[Int(voxel)] < 0 { first[Int(voxel)] = index }
        }
        let expected = Self.cloud.selecting(first.map { Int32($0) })
        #expect(voxels.cloud.positions == expected.positions)
        #expect(voxels.cloud.channels == expected.channels)
        #expect(voxels.cloud.labels == expected.labels)
        let codes = CurveOrder.z.codes(of: voxels.gridCoordinates, depth: 10)
        #expect(zip(codes, codes.dropFirst()).allSatisfy { $0 < $1 })
    }

    @Test func voxelsAgreeWithTheReference() throws {
        let voxels = try VoxelCloud(Self.cloud, gridSize: 0.5)
        let plain = plainVoxels(of: Self.cloud.positions, gridSize: 0.5)
        #expect(voxels.count == plain.first.count)
        for (point, voxel) in plain.voxelOfPosition.enumerated() {
            let first = Self.cloud.positions[plain.first[voxel]]
            #expect(voxels.cloud.positions[Int(voxels.inverse[point])] == first)
        }
    }

    @Test func representativesAreDrawnReproducibly() throws {
        func drawn(_ step: Int) throws -> VoxelCloud {
            try VoxelCloud(
                Self.cloud, gridSize: 1,
                representative: .drawn(
                    CounterGenerator(seed: 3, step: step, purpose: .init("voxels"))))
        }
        let once = try drawn(1)
        #expect(try drawn(1).cloud.positions == once.cloud.positions)
        #expect(try drawn(2).cloud.positions != once.cloud.positions)
        #expect(try drawn(2).gridCoordinates == once.gridCoordinates)
        let places = Dictionary(
            grouping: Self.cloud.positions.indices, by: { once.inverse[$0] })
        for (voxel, position) in once.cloud.positions.enumerated() {
            #expect(places[Int32(voxel)]!.contains { Self.cloud.positions[$0] == position })
        }
    }

    @Test func voxelsHaveTheMajoritysLabel() throws {
        let positions =
            [SIMD3<Float>](repeating: .zero, count: 5) + [SIMD3(3, 3, 3), SIMD3(3, 3, 3)]
        let cloud = Cloud(positions: positions, labels: [-1, 2, 1, 2, 1, -1, -1])
        #expect(try VoxelCloud(cloud, gridSize: 1).cloud.labels == [-1, -1])
        #expect(try VoxelCloud(cloud, gridSize: 1, labels: .majority).cloud.labels == [1, -1])
    }

    @Test func selectionRemovesDroppedVoxels() throws {
        let voxels = try VoxelCloud(Self.cloud, gridSize: 1)
        let kept = voxels.selecting([5, 2])
        #expect(kept.gridCoordinates == [voxels.gridCoordinates[5], voxels.gridCoordinates[2]])
        for (before, after) in zip(voxels.inverse, kept.inverse) {
            #expect(after == (before == 5 ? 0 : before == 2 ? 1 : -1))
        }
    }

    @Test func cloudsWithoutAGridAreRefused() throws {
        let broken = Cloud(positions: [.zero, SIMD3(0, .nan, 0)])
        let error = #expect(throws: PointCloudError.self) { try VoxelCloud(broken, gridSize: 1) }
        #expect(error?.description.contains("Point 1 ") == true)
        let wide = Cloud(positions: [.zero, SIMD3(20_000, 0, 0)])
        #expect(throws: PointCloudError.self) { try VoxelCloud(wide, gridSize: 0.01) }
        #expect(throws: PointCloudError.self) { try VoxelCloud(wide, gridSize: 0) }
        let short = Cloud(positions: [.zero], labels: [1, 2])
        #expect(throws: PointCloudError.self) { try VoxelCloud(short, gridSize: 1) }
        #expect(try VoxelCloud(Cloud(positions: []), gridSize: 1).count == 0)
    }
}
