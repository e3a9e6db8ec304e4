import ArgumentParser
import Datasets
import DenjuInference
import Foundation
import PointClouds
import Reporting
import Training

/// The options that select the scan of a picture and the source of its labels.
struct SceneOptions: ParsableArguments {
    @Option(name: .long, help: "Of a recipe or run: the number of the scene, from 0.")
    var scene = 0

    @Option(name: .long, help: "Of a recipe or run: training, validation or test.")
    var split = Split.validation

    @Option(
        name: .long,
        help:
            "Of a file: a class list by name or a YAML file; by default the usual list of the format.",
        completion: .file())
    var classes: String?

    @OptionGroup var reading: ReadingArguments

    /// The scan and its labels; nil if there are none.
    func scan(_ path: String, labels: String?) throws -> (scan: ShownScan, labels: [Int32]?) {
        let isModel =
            labels.map { $0.hasSuffix(".safetensors") || ModelLocation.isFolder(at: $0) } ?? false
        let model = isModel ? try labels.map { try StoredModel($0) } : nil
        let scan = try opened(path, for: model)
        switch labels {
        case nil, "truth"?:
            guard labels == nil || !scan.cloud.labels.isEmpty else {
                throw UserError("\(path) has no labels: name a file of labels or a model.")
            }
            return (scan, scan.cloud.labels.isEmpty ? nil : scan.cloud.labels)
        case "none"?: return (scan, nil)
        case let name?:
            if let model { return (scan, try self.labels(of: scan, by: model)) }
            guard FileManager.default.fileExists(atPath: name) else {
                throw UserError(
                    "\(name) does not exist: --labels takes truth, none, a file of labels, or a "
                        + "model.")
            }
            return (scan, try scan.labels(in: name))
        }
    }

    private func opened(_ path: String, for model: StoredModel?) throws -> ShownScan {
        let isRecipe = path.hasSuffix(".yaml") || path.hasSuffix(".yml")
        if isRecipe || ModelLocation.isFolder(at: path) {
            guard classes == nil else {
                throw UserError("--classes is for files: \(path) names its classes itself.")
            }
            try reading.check(isUsed: false)
            var data =
                try isRecipe
                ? Recipe(yaml: TextFile.read(path, "recipe"), file: path).data
                : recipe(of: path).data
            data.labelled = nil
            return try ShownScan(scene: scene, of: SourceCatalogue.open(data, split: split))
        }
        var settings = DataSettings(source: "scans")
        settings.classes = classes.map { .named($0) }
        settings = try settings.readingClasses(beside: "./recipe")
        var list: ClassList?
        switch settings.classes {
        case .listed(let own)?: list = own
        case .named(let name)?: list = ClassLists.named(name)
        case nil: break
        }
        guard let model else {
            var settings = DataSettings(source: "")
            settings.fields = try reading.fields
            // A picture shows positions and labels; other fields may be unusable.
            settings.channels = []
            return try ShownScan(
                path, like: settings, options: reading.numbers, classes: list)
        }
        let known = try ModelData(of: model, .none, split: split, needsScenes: false)
        // The card has names and numbers, so that a scan's labels are read as the model's classes.
        let own = ClassList(
            known.card.classes.enumerated().map { place, entry in
                .init(entry.name, from: [entry.number ?? place], colour: known.palette[place])
            }, ignoresRest: true)
        return try ShownScan(
            path, like: known.settingsOfScans(reading), options: reading.numbers,
            classes: list ?? known.classes ?? own)
    }

    private func recipe(of run: String) throws -> Recipe {
        guard let recipe = try StoredModel(run).recipe else {
            throw UserError("\(run) does not name its data: name a recipe or a scan.")
        }
        return recipe
    }

    private func labels(of scan: ShownScan, by model: StoredModel) throws -> [Int32] {
        let known = try ModelData(of: model, .none, split: split, needsScenes: false)
        let names = known.card.classes.map(\.name)
        guard names == scan.classes else {
            throw UserError(
                "\(model.path) has the classes \(names.joined(separator: ", ")), which differ from "
                    + "the scan's: name the scan as a file, or another model.")
        }
        var cloud = scan.cloud
        cloud.labels = []
        return try Segmenter(network: model.network, weights: model.weights, card: known.card)
            .label(cloud).labels
    }
}
