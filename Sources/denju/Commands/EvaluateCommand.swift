import ArgumentParser
import Cluster
package import Datasets
import Foundation
import Launching
import Networks
import Reporting
import Studies
import Telemetry
import Training

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures models on a split of their data: mIoU, mAcc, allAcc, seconds per scan.",
        discussion: """
            Examples:
              denju evaluate runs/teacher runs/student
              denju evaluate runs/student --data semantickitti --path /data/semantickitti

            Metrics count the original points, not voxels.
            """)

    @Argument(
        help: "Run folders, checkpoints, or .safetensors files (these need --recipe).",
        completion: .file())
    var models: [String]

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: "The split: training, validation or test.")
    var split = Split.validation

    @Option(
        name: .long, help: "Threads: one scan each, or several per scan if there are fewer scans.")
    var threads = 1

    @Option(
        name: .long, help: "Classes excluded from means, besides those that the recipe excludes.")
    var exclude: [String] = []

    @Flag(name: .long, help: "Print the table of models without the tables of classes.")
    var summary = false

    @Flag(name: .long, help: "Print one JSON object per model instead of tables.")
    var json = false

    func run() throws {
        try reporting {
            try check(threads: threads)
            var rows: [Evaluation] = []
            for model in models {
                let stored = try StoredModel(model)
                for warning in stored.warnings { printMessage(warning) }
                let (loader, recipe) = try data.loader(for: stored, split: split)
                let evaluation = try Evaluation(
                    of: stored, name: model, loader: loader, threads: threads,
                    excluding: recipe.validation.excluded + exclude, showsProgress: !json)
                for remark in evaluation.remarks { printMessage(remark + ".") }
                if !evaluation.hasLabels {
                    printMessage(
                        "no \(split.rawValue) scan has a point with a class, so that the scores of "
                            + "\(model) mean nothing: look at data.fields.label and data.classes.")
                }
                if json { print(try evaluation.json) }
                rows.append(evaluation)
            }
            guard !json else { return }
            print(Evaluation.table(rows))
            guard !summary else { return }
            for row in rows { print("\n\(row.name)\n\(row.classTable)") }
        }
    }
}

extension Split: ExpressibleByArgument {}

/// The options that replace the data of a model's recipe.
struct DataOptions: ParsableArguments {
    @Option(
        name: .long,
        help: "A recipe that supplies data, grid and features instead of the model's own.",
        completion: .file())
    var recipe: String?

    @Option(name: .long, help: "A data source by name, instead of the recipe's.")
    var data: String?

    @Option(name: .long, help: "The folder of that source's files.", completion: .file())
    var path: String?

    @Option(
        name: .long, help: "The number of scenes of the split, spread evenly; all by default.")
    var scenes: Int?

    /// Options that keep the model's own data.
    static var none: DataOptions { get throws { try parse([]) } }

    /// The loader of a split of the model's data, and the recipe by which scenes are read.
    ///
    /// - Parameter keepsGoing: whether a scan that cannot be used is an error only when it is read.
    func loader(
        for model: StoredModel, split: Split, keepsGoing: Bool = false
    ) throws -> (ExampleLoader, Recipe) {
        let recipe: Recipe
        if let file = self.recipe {
            recipe = try Recipe(yaml: TextFile.read(file, "recipe"), file: file)
        } else if let own = model.recipe {
            recipe = own
        } else {
            throw UserError("\(model.path) does not name its data: give a --recipe.")
        }
        var settings = recipe.data
        // Scores use all labels, also those that were withheld from training.
        settings.labelled = nil
        // Path, splits and options of the recipe's source do not apply to another source.
        if let data, data != settings.source { settings = DataSettings(source: data) }
        if let path { settings.path = path }
        if let scenes {
            settings.scenes = .init(training: scenes, validation: scenes, test: scenes)
        }
        let source =
            try keepsGoing
            ? SourceCatalogue.openWithFaults(settings, split: split)
            : SourceCatalogue.open(settings, split: split)
        // A stored model has the feature scales of its training data. Without them, the scales are
        // computed in a pass over the training scans.
        let reading =
            if let features = model.features {
                recipe.reading(features)
            } else if recipe.studentFeatures.features == nil {
                try TrainingData(recipe).recipe
            } else {
                recipe
            }
        guard source.count > 0 else {
            throw UserError("The \(split.rawValue) split of \(settings.source) is empty.")
        }
        try source.check(reading.features, of: "\(model.path) reads")
        let loader = try ExampleLoader(reading, source: source)
        guard source.classes.count == model.network.classes,
            loader.inputs == model.network.inputChannels
        else {
            throw UserError(
                "\(model.path) has \(model.network.inputChannels) inputs per point and "
                    + "\(model.network.classes) classes, but \(settings.source) has "
                    + "\(loader.inputs) and \(source.classes.count).")
        }
        return (loader, reading)
    }
}
