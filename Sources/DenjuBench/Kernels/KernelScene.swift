import Networks
import PointClouds
import Tensors
import Training

/// The clouds whose geometry the cases use: one of full size, and a small one for references.
struct KernelScene {
    let points: [SIMD3<Float>]
    let cloud: Cloud
    let cells: [SIMD3<Int32>]
    let hierarchy: PointHierarchy
    /// A few hundred voxels of the same room.
    let small: PointHierarchy
    static let gridSize: Float = 0.02

    /// A room of boxes with `count` voxels.
    init(points count: Int) throws {
        var shape = TrialShape()
        shape.points = count
        let scan = try TimedScan(shape)
        cloud = scan.scene
        points = scan.scene.positions
        let voxels = try VoxelCloud(scan.scene, gridSize: Self.gridSize)
        cells = voxels.gridCoordinates
        let geometry = scan.labeller.network.geometry
        hierarchy = try geometry.hierarchy(gridCoordinates: [cells])
        let few = Crop.nearest(points: 400)(voxels, seed: 1, step: 0, sample: 0)
        small = try geometry.hierarchy(gridCoordinates: [few.gridCoordinates])
    }

    /// The number of rows of a stage.
    func rows(_ stage: Int) -> Int { hierarchy.stages[stage].rows }
}
