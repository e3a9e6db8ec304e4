import Datasets
import DenjuInference
import PointClouds
import Reporting
import Training

/// The data of a stored model, as given by the model and the command line.
struct ModelData {
    /// Grid, features and classes.
    let card: ModelCard
    /// A colour for each class.
    let palette: [Palette.Colour]
    /// The scenes of the split; nil if only the model's card is known.
    let source: (any SceneSource)?
    /// The settings by which other scans of the same kind are read.
    let settings: DataSettings?

    /// The classes with the numbers of the data's files; nil if only the card is known.
    var classes: ClassList? {
        if case .listed(let list)? = settings?.classes { list } else { nil }
    }

    /// Opens a split of the model's data.
    ///
    /// - Parameter needsScenes: whether the scenes are required; a model with a card needs no data
    ///   otherwise.
    init(
        of model: StoredModel, _ options: DataOptions, split: Split, needsScenes: Bool
    ) throws {
        if let card = model.card, options.recipe == nil, options.data == nil {
            guard !needsScenes else {
                throw UserError(
                    "\(model.path) does not name its data: name scans, or give a --recipe with the "
                        + "data to label.")
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

    /// The sources whose settings apply to single files of the same kind.
    private static let readers = ["las", "ply", "pcd", "folder"]

    /// The settings that read other scans in the same way as the model's data.
    ///
    /// - Parameter options: the command line's settings, `name=number`, which take precedence.
    func settingsOfScans(_ options: [String] = []) throws -> DataSettings {
        var settings = settings ?? DataSettings(source: "scans")
        settings.options.merge(card.reading ?? [:]) { given, _ in given }
        settings.options.merge(try SourceOption.numbers(options)) { _, given in given }
        return settings
    }
}
