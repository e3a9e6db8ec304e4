package import Datasets
package import DenjuInference

extension ModelCard {
    /// What a recipe says of its data: grid, features, and the classes with the numbers files have
    /// for them.
    ///
    /// Opens the data set, which must be there.
    package init(_ recipe: Recipe) throws {
        self.init(
            recipe, classes: try SourceCatalogue.open(recipe.data, split: .validation))
    }

    /// What a recipe says of data that are open; its features must have their numbers.
    package init(_ recipe: Recipe, classes source: any SceneSource) {
        self.init(
            grid: recipe.grid, features: recipe.studentFeatures.features ?? [],
            classes: source.classes.enumerated().map { label, name in
                Class(name, number: source.number(of: Int32(label)))
            }, reading: source.readingOptions.isEmpty ? nil : source.readingOptions)
    }
}
