import Datasets
import Networks
import PointClouds
import Reporting
import Training

/// A whole scan of a known number of voxels, and an untrained student to label it.
struct ScanTiming {
    /// One point a voxel.
    let scene: Cloud
    let labeller: Labeller
    /// The student's file, in bytes.
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
        guard kept.count == shape.points else {
            throw UserError(
                "--points is \(shape.points): a room of boxes has \(kept.count) voxels at the most."
            )
        }
        let model = try StoredModel(
            untrained: shape.network(shape.student), seed: 7, path: "the bench's student")
        fileBytes = try model.safetensors().count
        scene = kept.replaced
        labeller = Labeller(network: model.network, weights: model.weights, loader: loader)
    }
}

extension VoxelCloud {
    /// The cloud with every point put where gridding it again finds the same cells: on the least
    /// cell's near side, in the middle of every other.
    fileprivate var replaced: Cloud {
        var least = gridCoordinates[0]
        for cell in gridCoordinates { least = pointwiseMin(least, cell) }
        var cloud = cloud
        cloud.positions = gridCoordinates.map { cell in
            var place = SIMD3<Float>(cell &- least) + 0.5
            place.replace(with: 0, where: place .< 1)
            return place * gridSize
        }
        return cloud
    }
}
