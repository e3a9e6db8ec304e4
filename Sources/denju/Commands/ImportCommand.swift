import ArgumentParser
import Datasets
import DenjuInference
import Foundation
import Interchange
import Networks
import Reporting
import Training

struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Converts a public network's checkpoint to a model, without Python.",
        discussion: """
            Examples:
              denju import model_best.pth --output teacher.safetensors --recipe distil.yaml
              denju import model_best.pth --output teacher.safetensors --config network.yaml
              denju import sonata.pth --head sonata_linear.pth --output teacher.safetensors
              denju import ppt.pth --condition ScanNet --output teacher.safetensors

            Reads files of torch.save (a state_dict, a Pointcept checkpoint, a published encoder) and \
            safetensors; nothing in the file is executed. Point Transformer V3, its versions of \
            Sonata, Concerto and Utonia, and LitePT are recognised. The network is inferred from shapes and from the \
            configuration that published encoders have with them. Without one, give heads, patch \
            sizes, strides and curves with --config if they are not the usual ones, in YAML under \
            the public names (enc_num_head, enc_patch_size, stride, order, \
            depth_measure; for LitePT enc_rope_freq). Parts of names that torch.compile and distributed runs add are removed.
            """)

    @Argument(
        help: "A .pth file of a Point Transformer V3 or LitePT, or .safetensors.",
        completion: .file())
    var checkpoint: String

    @Option(name: .long, help: "The .safetensors file to write.", completion: .file())
    var output: String

    @Option(name: .long, help: "The network's settings, a YAML file.", completion: .file())
    var config: String?

    @Option(
        name: .long,
        help: "A recipe for the model's data: classes and features must match and are stored.",
        completion: .file())
    var recipe: String?

    @Option(
        name: .long,
        help: "The key of the weights in a checkpoint, as ema or ema.state_dict.")
    var key: String?

    @Option(
        name: .long, help: "The prefix of the network's names, as net.; other weights are left out."
    )
    var prefix: String?

    @Option(
        name: .long, help: "The data set to keep of a network of several (PPT), as ScanNet.")
    var condition: String?

    @Option(
        name: .long, help: "The data sets in the order of such a network's norms, as A,B,C.")
    var normConditions: String?

    @Option(
        name: .long, help: "The data sets in the order of such a network's heads, as A,B,C.")
    var headConditions: String?

    @Option(
        name: .long, help: "The file of the head, for an encoder without one.",
        completion: .file())
    var head: String?

    @Option(
        name: .customLong("lora-alpha"),
        help: "The numerator of the factor of low-rank adapters, which are merged.")
    var alpha: Float = 16

    private var dataSets: PromptFold.DataSets {
        func names(_ list: String?, or usual: [String]) -> [String] {
            list?.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) } ?? usual
        }
        var dataSets = PromptFold.DataSets()
        dataSets.norms = names(normConditions, or: dataSets.norms)
        dataSets.heads = names(headConditions, or: dataSets.heads)
        return dataSets
    }

    func run() throws {
        try reporting {
            guard output.hasSuffix(".safetensors") else {
                throw UserError("--output is \(output): give a name that ends in .safetensors.")
            }
            let imported = try ImportedModel(
                checkpoint, configuration: config, key: key, prefix: prefix,
                dataSet: (condition, dataSets), head: head, alpha: alpha)
            var model = imported.model
            if let recipe {
                let read = try TrainingData(Recipe(file: recipe)).recipe
                let source = try SourceCatalogue.open(read.data, split: .validation)
                try model.checkTeacher(
                    classes: source.classes, inputs: ExampleLoader(read, source: source).inputs)
                model.card = ModelCard(read, classes: source)
            }
            try model.write(to: output)
            let network = model.network
            printSummary(
                "\(output): \(model.description.name), \(grouped(network.parameterCount)) parameters, "
                    + "\(network.inputChannels) inputs per point, \(network.classes) classes")
            if let assumed = imported.assumed {
                printSummary(
                    "The weights do not determine \(assumed): the usual values are assumed. "
                        + "Give other values with --config.")
            }
            if model.card == nil {
                printSummary(
                    "The file has no classes and features: import with --recipe to use it without "
                        + "a recipe.")
            }
        }
    }
}
