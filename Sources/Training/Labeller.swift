import DenjuInference
package import Networks
import PointClouds
package import Tensors

/// Labels the original points of whole scenes with a trained network.
package struct Labeller: Sendable {
    /// The network.
    package let network: any Network
    /// Its weights, in the order of its specifications.
    package let weights: Weights
    /// The loader that prepares scenes.
    package let loader: ExampleLoader

    /// A network with its weights.
    package init(network: any Network, weights: Weights, loader: ExampleLoader) {
        self.network = network
        self.weights = weights
        self.loader = loader
    }

    /// The class of every point of an example's scene: that of its voxel.
    ///
    /// - Returns: one class per point of the original scene, the first among equal scores.
    package func labels(of example: Example) throws -> [Int32] {
        let voxels = try classScores(
            of: example.voxels, features: example.features, by: network, weights
        ).largestColumns
        return example.voxels.inverse.map { $0 < 0 ? 0 : voxels[Int($0)] }
    }

    /// The confusion matrix of a labelled sample.
    package func confusion(of sample: Int) throws -> ConfusionMatrix {
        let (example, scene) = try loader.wholeExample(of: sample)
        var matrix = ConfusionMatrix(classes: network.classes)
        if !scene.labels.isEmpty {
            matrix.add(truth: scene.labels, predicted: try labels(of: example))
        }
        return matrix
    }
}
