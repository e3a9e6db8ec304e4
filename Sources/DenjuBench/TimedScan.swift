import Datasets
import Networks
import PointClouds
import Reporting
import Training

/// A scan with a known number of voxels, and a student with initial weights to label it.
struct TimedScan {
    /// The scan with one point per voxel.
    let scene: Cloud
    let labeller: Labeller
    /// The size of the student's file in bytes.
    let fileBytes: Int

    /// A room of boxes with exactly `shape.points` occupied voxels, and the shape's student.
    init(_ shape: TrialShape) throws {
        var shape = shape
        shape.scenes = 1
        let recipe = try Recipe(yaml: shape.recipe(), file: TrialShape.recipeName)
        let source = try SourceCatalogue.open(recipe.data, split: .training)
        let loader = try ExampleLoader(recipe, source: source)
        let voxels = try VoxelCloud(source.scene(at: 0), gridSize: recipe.grid)
        let kept = Crop.nearest(points: shape.points)(voxels, seed: 1, step: 0, sample: 0)
        // Fewer points would be compared with other implementations as if they were all there.
        guard kept.count == shape.points else {
            throw UserError(
                "--points is \(shape.points): a room of boxes has at most \(kept.count) voxels."
            )
        }
        let model = try StoredModel(
            untrained: shape.network(shape.student), seed: 7, path: "the trial's student")
        fileBytes = try model.safetensors().count
        scene = kept.recentred
        labeller = Labeller(network: model.network, weights: model.weights, loader: loader)
    }
}

extension VoxelCloud {
    /// The cloud with points moved within their cells so that voxelising it again yields the same
    /// cells: to the lower bound of the first cell along each axis, to the centre of all others.
    fileprivate var recentred: Cloud {
        var least = gridCoordinates[0]
        for cell in gridCoordinates { least = pointwiseMin(least, cell) }
        var cloud = cloud
        cloud.positions = gridCoordinates.map { cell in
            var position = SIMD3<Float>(cell &- least) + 0.5
            position.replace(with: 0, where: position .< 1)
            return position * gridSize
        }
        return cloud
    }
}
