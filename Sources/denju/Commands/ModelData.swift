import Datasets
import DenjuInference
import PointClouds
import Reporting
import Training

/// What a stored model and the command line say of the data it is for.
struct ModelData {
    /// Grid, features, classes.
    let card: ModelCard
    /// A colour for each class.
    let palette: [Palette.Colour]
    /// The scenes of the split; nil where the model alone says what it is for.
    let source: (any SceneSource)?
    /// How other scans of the same make are read.
    let settings: DataSettings?

    /// The classes as the data's own files number them; nil where only the card knows.
    var classes: ClassList? {
        if case .listed(let list)? = settings?.classes { list } else { nil }
    }

    /// Opens a split of the model's data.
    ///
    /// - Parameter needsScenes: whether the scenes themselves are wanted; a model that knows its
    ///   classes and features needs no data otherwise.
    init(
        of model: StoredModel, _ options: DataOptions, split: Split, needsScenes: Bool
    ) throws {
        if let card = model.card, options.recipe == nil, options.data == nil {
            guard !needsScenes else {
                throw UserError(
                    "\(model.path) knows no data by itself: name scans, or a --recipe whose data "
                        + "to label.")
            }
            self.card = card
            palette = Palette.distinct(card.classes.count)
            source = nil
            settings = nil
            return
        }
        let (loader, recipe) = try options.loader(for: model, split: split)
        card = ModelCard(recipe, classes: loader.source)
        palette = loader.source.palette
        source = loader.source
        settings = Self.readers.contains(recipe.data.source) ? recipe.data : nil
    }

    /// Sources whose settings also hold for single files of the same kind.
    private static let readers = ["las", "ply", "pcd", "folder"]

    /// The settings by which other scans are read as the model's data are.
    ///
    /// - Parameter options: what the command line says, `name=number`.
    func settingsOfScans(_ options: [String] = []) throws -> DataSettings {
        var settings = settings ?? DataSettings(source: "scans")
        settings.options.merge(card.reading ?? [:]) { told, _ in told }
        settings.options.merge(try SourceOption.numbers(options)) { _, said in said }
        return settings
    }
}
