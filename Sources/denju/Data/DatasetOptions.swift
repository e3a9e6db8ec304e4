import ArgumentParser
import Datasets
import Formats
import Foundation
import Launching
import Reporting
import Training

/// The options that select a data set: a recipe's, or a folder.
struct DatasetOptions: ParsableArguments {
    @Argument(help: "A recipe (.yaml), or a folder of data.", completion: .file())
    var what: String

    @Option(
        name: .long,
        help: "The source of the folder; by default detected from its files.")
    var data: String?

    @Option(
        name: .long,
        help: "The classes: a list by name or a YAML file; by default the labels' numbers.",
        completion: .file())
    var classes: String?

    @OptionGroup var reading: ReadingArguments

    @Option(name: .long, help: "Threads, one scan each.")
    var threads = 1

    /// An open data set with all its splits.
    struct Opened {
        let settings: DataSettings
        /// The recipe's grid; nil for a folder.
        let grid: Float?
        /// The recipe's maximum number of voxels per training cloud; nil for a folder.
        let points: Int?
        let splits: [(split: Split, source: any SceneSource)]
        /// Sentences about splits that cannot be opened, of which other splits are not blamed.
        let failures: [String]
        /// Every scene of every split.
        var scenes: [(split: Split, source: any SceneSource, index: Int)] {
            splits.flatMap { split, source in (0..<source.count).map { (split, source, $0) } }
        }
    }

    /// Opens the data set.
    func open() throws -> Opened {
        try check(threads: threads)
        // A pipe has no name of a YAML file, but it is no folder either.
        if what.hasSuffix(".yaml") || what.hasSuffix(".yml") || what == "-"
            || what.hasPrefix("/dev/") || what.hasPrefix("/proc/")
        {
            guard data == nil, classes == nil, reading.option.isEmpty, reading.field.isEmpty
            else {
                throw UserError(
                    "--data, --classes, --option and --field are for folders: a recipe sets them "
                        + "itself.")
            }
            let recipe = try Recipe(yaml: TextFile.read(what, "recipe"), file: what)
            return try opened(recipe.data, recipe)
        }
        let source = try data ?? SourceCatalogue.source(of: what).name
        var settings = DataSettings(source: source, path: what)
        settings.place = .command
        settings.options = try reading.numbers
        settings.fields = try reading.fields
        if let classes {
            settings.classes = .named(classes)
            settings = try settings.readingClasses(beside: "./recipe")
        } else {
            settings.classes = Self.numberedClasses(of: source)
        }
        // The check reads labels without training on them, so that unlabelled scenes are allowed.
        settings.options["unlabelled"] = settings.options["unlabelled"] ?? 1
        // A folder without subfolders for splits is one split.
        if settings.classes != nil, SourceCatalogue.lacks(.training, of: settings) {
            settings.sequences.training = ["."]
        }
        return try opened(settings)
    }

    /// Classes for sources whose files hold only numbers: each number is a class.
    private static func numberedClasses(of source: String) -> ClassSetting? {
        switch source {
        case "las": .listed(ClassLists.numbers(named: ClassLists.asprs))
        case "folder", "ply", "pcd", "bin": .listed(ClassLists.numbers())
        default: nil
        }
    }

    /// Opens every split; those that cannot be opened are reported together.
    private func opened(_ settings: DataSettings, _ recipe: Recipe? = nil) throws -> Opened {
        let (splits, failures) = SourceCatalogue.openAll(
            settings, required: recipe == nil ? [.training] : [.training, .validation])
        // Without any split there is nothing to show beside the reason.
        guard !splits.isEmpty else { throw UserError(failures.joined(separator: " ")) }
        return Opened(
            settings: settings, grid: recipe?.grid, points: recipe?.points, splits: splits,
            failures: failures)
    }
}
