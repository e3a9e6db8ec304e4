package import Datasets
package import DenjuInference

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
