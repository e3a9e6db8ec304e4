import ArgumentParser
import Datasets
import Foundation
import Launching
import Reporting
import Training

/// Which data set to look at: a recipe's, or whatever lies in a folder.
struct DatasetOptions: ParsableArguments {
    @Argument(help: "A recipe (.yaml), or a folder of data.", completion: .file())
    var what: String

    @Option(
        name: .long,
        help: "What the folder holds: a source by name; found by what lies in it where not given.")
    var data: String?

    @Option(
        name: .long,
        help: "The classes: a list by name or a YAML file; the labels' numbers where not given.",
        completion: .file())
    var classes: String?

    @Option(name: .long, help: "A setting of the source, as name=number; may be given again.")
    var option: [String] = []

    @Option(name: .long, help: "Threads, a scan each.")
    var threads = 1

    /// A data set with all its splits open.
    struct Opened {
        let settings: DataSettings
        /// The grid of the recipe, if there is one.
        let grid: Float?
        /// Voxels of a training cloud at the most, as the recipe says.
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
                throw UserError("A recipe says by itself what --data, --classes and --option say.")
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
            settings.classes = Self.labelsAsTheyAre(of: source)
        }
        // Labels are looked at, not learnt from.
        settings.options["unlabelled"] = settings.options["unlabelled"] ?? 1
        do {
            return Opened(
                settings: settings, grid: nil, points: nil, splits: try splits(of: settings))
        } catch {
            // Without folders for splits, all there is.
            guard settings.classes != nil else { throw error }
            settings.sequences.training = ["."]
            return Opened(
                settings: settings, grid: nil, points: nil, splits: try splits(of: settings))
        }
    }

    /// Every number a class of its own, for sources whose files say no more.
    private static func labelsAsTheyAre(of source: String) -> ClassSetting? {
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
                // A data set may have none of these.
                (try? SourceCatalogue.open(settings, split: split)).map { (split, $0) }
            }
    }
}

/// Settings of a source as the command line says them.
enum SourceOption {
    /// The numbers of `name=number`.
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
