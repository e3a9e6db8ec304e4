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
    /// The classes with the numbers of the data's files; nil if only the card is known.
    let classes: ClassList?

    /// Opens a split of the model's data.
    ///
    /// - Parameters:
    ///   - needsScenes: whether the scenes are required; a model with a card needs no data
    ///   otherwise.
    ///   - keepsGoing: whether a scan that cannot be used is an error only when it is read.
    init(
        of model: StoredModel, _ options: DataOptions, split: Split, needsScenes: Bool,
        keepsGoing: Bool = false
    ) throws {
        let own = model.card ?? (needsScenes ? nil : model.runCard)
        if let own, options.recipe == nil, options.data == nil {
            guard !needsScenes else {
                throw UserError(
                    "\(model.path) does not name its data: name scans, or give a --recipe with the "
                        + "data to label.")
            }
            card = own
            palette = Self.palette(of: own)
            source = nil
            classes = Self.classes(of: model.recipe)
            return
        }
        let (loader, recipe) = try options.loader(
            for: model, split: split, keepsGoing: keepsGoing)
        card = ModelCard(recipe, classes: loader.source)
        palette = loader.source.palette
        source = loader.source
        classes = Self.classes(of: recipe)
    }

    private static func classes(of recipe: Recipe?) -> ClassList? {
        if case .listed(let list)? = recipe?.data.classes { list } else { nil }
    }

    private static func palette(of card: ModelCard) -> [Palette.Colour] {
        zip(card.classes, Palette.distinct(card.classes.count)).map { $0.colour ?? $1 }
    }

    /// The settings that read other scans in the same way as the model's data.
    ///
    /// They follow from the card alone, so that a run and its export read every file alike. Only the
    /// channels that the network reads are read.
    ///
    /// - Parameter options: the command line's settings, which take precedence.
    func settingsOfScans(_ options: ReadingArguments) throws -> DataSettings {
        var settings = DataSettings(source: card.source ?? "scans")
        settings.fields = (card.fields ?? [:]).merging(try options.fields) { $1 }
        settings.channels = card.channels
        settings.options = card.reading ?? [:]
        return settings
    }

    /// Opens named scans by the settings of the model's data and of the command line.
    func scans(
        _ paths: [String], _ options: ReadingArguments, keepsGoing: Bool = false
    ) throws -> NamedScans {
        let scans = try NamedScans(
            paths, like: settingsOfScans(options), options: options.numbers,
            keepsGoing: keepsGoing)
        for note in scans.notes { printMessage(note + ".") }
        return scans
    }
}
