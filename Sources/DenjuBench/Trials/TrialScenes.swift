import Datasets
import Formats
import Foundation
import PointClouds
import Tensors
import Training

/// The scenes of a trial as files.
///
/// A worker that joins later reads them like a user's data, which takes as long.
enum TrialScenes {
    /// Writes a shape's scenes in Pointcept's layout.
    ///
    /// - Returns: the recipe's `data` section.
    static func write(_ shape: TrialShape, to folder: String) throws -> String {
        let recipe = try Recipe(yaml: shape.recipe(), file: TrialShape.recipeName)
        var classes: [String] = []
        for (split, name) in [(Split.training, "train"), (.validation, "val")] {
            let source = try SourceCatalogue.open(recipe.data, split: split)
            classes = source.classes
            for index in 0..<source.count {
                let scene = try source.scene(at: index)
                let path = "\(folder)/\(name)/room\(index)"
                try FileManager.default.createDirectory(
                    atPath: path, withIntermediateDirectories: true)
                let coordinates = scene.positions.flatMap { [$0.x, $0.y, $0.z] }
                try NumPyWriter.write(
                    Tensor(rows: scene.count, columns: 3, coordinates), to: path + "/coord.npy")
                if let colour = scene[channel: "colour"] {
                    try NumPyWriter.write(
                        Tensor(rows: scene.count, columns: 3, colour.values),
                        to: path + "/color.npy")
                }
                try NumPyWriter.write(scene.labels, to: path + "/segment.npy")
            }
        }
        return """
            data:
              source: folder
              path: "\(folder)"
              classes: [\(classes.joined(separator: ", "))]
              options: {colour-range: 1}
            """
    }
}
