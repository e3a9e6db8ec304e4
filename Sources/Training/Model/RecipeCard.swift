import Checkpoints
package import Datasets
package import DenjuInference
import Foundation

extension ModelLocation {
    /// The card in the folder of a run; nil if there is none or it cannot be read.
    var runCard: ModelCard? {
        let store =
            switch kind {
            case .file: CheckpointStore?.none
            case .checkpoint(let location): location.store
            case .checkpoints(let store): store
            }
        guard let folder = store?.directory, folder.hasSuffix("/" + RunFolder.checkpoints) else {
            return nil
        }
        let run = folder.dropLast(RunFolder.checkpoints.count)
        return FileManager.default.contents(atPath: run + RunFolder.card).flatMap {
            try? JSONDecoder().decode(ModelCard.self, from: $0)
        }
    }
}

extension ModelCard {
    /// The card of a recipe's data: grid, features, and classes with their numbers in files.
    ///
    /// Opens the data set, which must be present.
    package init(_ recipe: Recipe) throws {
        self.init(
            recipe, classes: try SourceCatalogue.open(recipe.data, split: .validation))
    }

    /// The card of a recipe whose data are open; its features must have their scales.
    package init(_ recipe: Recipe, classes source: any SceneSource) {
        self.init(
            grid: recipe.grid, features: recipe.studentFeatures.features ?? [],
            classes: source.classes.enumerated().map { label, name in
                Class(
                    name, number: source.number(of: Int32(label)), colour: source.palette[label])
            }, reading: source.readingOptions.isEmpty ? nil : source.readingOptions,
            fields: recipe.data.fields.isEmpty ? nil : recipe.data.fields,
            source: recipe.data.source)
    }
}

extension TrainingData {
    /// The card of the data as JSON.
    package var cardJSON: String {
        get throws { try ModelCard(recipe, classes: source).json }
    }
}
