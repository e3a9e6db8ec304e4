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
        abstract: "Measures models on a split of their data: mIoU, mAcc, allAcc, seconds a scan.",
        discussion: """
            Examples:
              denju evaluate runs/teacher runs/student
              denju evaluate runs/student --data semantickitti --path /data/semantickitti

            Metrics are taken on the original points, not on voxels.
            """)

    @Argument(
        help: "Run folders, checkpoints, or .safetensors files (these need --recipe).",
        completion: .file())
    var models: [String]

    @OptionGroup var data: DataOptions

    @Option(name: .long, help: "Which split: training, validation or test.")
    var split = Split.validation

    @Option(name: .long, help: "Threads: a scan each, or several a scan where scans are fewer.")
    var threads = 1

    @Option(name: .long, help: "Classes that no mean counts, besides those the recipe excludes.")
    var exclude: [String] = []

    @Flag(name: .long, help: "Only the table over all models, not those over classes.")
    var summary = false

    @Flag(name: .long, help: "One JSON object a model instead of tables.")
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

/// Which data a model is to look at, where not those of its recipe.
struct DataOptions: ParsableArguments {
    @Option(
        name: .long, help: "A recipe whose data, grid and features to use, not the model's own.",
        completion: .file())
    var recipe: String?

    @Option(name: .long, help: "A data source by name, instead of the recipe's.")
    var data: String?

    @Option(name: .long, help: "Where that source's files lie.", completion: .file())
    var path: String?

    @Option(
        name: .long, help: "How many scenes of the split, spread evenly; all of them by default.")
    var scenes: Int?

    /// A model's own data.
    static var none: DataOptions { get throws { try parse([]) } }

    func loader(for model: StoredModel, split: Split) throws -> (ExampleLoader, Recipe) {
        let recipe: Recipe
        if let file = self.recipe {
            recipe = try Recipe(yaml: String(contentsOfFile: file, encoding: .utf8), file: file)
        } else if let own = model.recipe {
            recipe = own
        } else {
            throw UserError("\(model.path) does not say what data it is for: name a --recipe.")
        }
        var settings = recipe.data
        settings.labelled = nil
        if let data, data != settings.source { settings = DataSettings(source: data) }
        if let path { settings.path = path }
        if let scenes {
            settings.scenes = .init(training: scenes, validation: scenes, test: scenes)
        }
        let source = try SourceCatalogue.open(settings, split: split)
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
                "\(model.path) reads \(model.network.inputChannels) values a point and knows "
                    + "\(model.network.classes) classes, but \(settings.source) gives "
                    + "\(loader.inputs) and has \(source.classes.count).")
        }
        return (loader, reading)
    }
}
