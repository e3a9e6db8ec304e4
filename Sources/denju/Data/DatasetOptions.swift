import ArgumentParser
import Datasets
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

    @Option(name: .long, help: "A setting of the source, as name=number; repeatable.")
    var option: [String] = []

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
        /// Every scene of every split.
        var scenes: [(split: Split, source: any SceneSource, index: Int)] {
            splits.flatMap { split, source in (0..<source.count).map { (split, source, $0) } }
        }
    }

    /// Opens the data set.
    func open() throws -> Opened {
        try check(threads: threads)
        if what.hasSuffix(".yaml") || what.hasSuffix(".yml") {
            guard data == nil, classes == nil, option.isEmpty else {
                throw UserError(
                    "--data, --classes and --option are for folders: a recipe sets them itself.")
            }
            let recipe = try Recipe(yaml: String(contentsOfFile: what, encoding: .utf8), file: what)
            return Opened(
                settings: recipe.data, grid: recipe.grid, points: recipe.points,
                splits: try splits(of: recipe.data))
        }
        let source = try data ?? SourceCatalogue.source(of: what).name
        var settings = DataSettings(source: source, path: what)
        settings.options = try SourceOption.numbers(option)
        if let classes {
            settings.classes = .named(classes)
            settings = try settings.readingClasses(beside: "./recipe")
        } else {
            settings.classes = Self.numberedClasses(of: source)
        }
        // The check reads labels without training on them, so that unlabelled scenes are allowed.
        settings.options["unlabelled"] = settings.options["unlabelled"] ?? 1
        do {
            return Opened(
                settings: settings, grid: nil, points: nil, splits: try splits(of: settings))
        } catch {
            // A folder without subfolders for splits is one split.
            guard settings.classes != nil else { throw error }
            settings.sequences.training = ["."]
            return Opened(
                settings: settings, grid: nil, points: nil, splits: try splits(of: settings))
        }
    }

    /// Classes for sources whose files hold only numbers: each number is a class.
    private static func numberedClasses(of source: String) -> ClassSetting? {
        switch source {
        case "las": .listed(ClassLists.numbers(named: ClassLists.asprs))
        case "folder", "ply", "pcd": .listed(ClassLists.numbers())
        default: nil
        }
    }

    private func splits(
        of settings: DataSettings
    ) throws -> [(split: Split, source: any SceneSource)] {
        let training = try SourceCatalogue.open(settings, split: .training)
        return [(.training, training)]
            + [Split.validation, .test].compactMap { split in
                // A data set may lack these splits.
                (try? SourceCatalogue.open(settings, split: split)).map { (split, $0) }
            }
    }
}

/// A source's settings on the command line.
enum SourceOption {
    /// The values of `name=number` pairs.
    static func numbers(_ pairs: [String]) throws -> [String: Double] {
        var options: [String: Double] = [:]
        for pair in pairs {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let value = Double(parts[1]) else {
                throw UserError("--option '\(pair)' is not of the form name=number.")
            }
            options[String(parts[0])] = value
        }
        return options
    }
}
