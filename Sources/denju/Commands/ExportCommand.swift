import ArgumentParser
import Datasets
import DenjuInference
import Foundation
import Networks
import PointClouds
import Reporting
import Training

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a model as one file, for PyTorch and for prediction without a run.",
        discussion: """
            Example: denju export runs/student --output student.safetensors

            The parameter names are those of Pointcept's Point Transformer V3. In Python, \
            safetensors.torch.load_file reads the file and load_state_dict accepts the result. The \
            metadata contain the network's settings under their public names ('denju.network') and \
            grid, features and classes ('denju.data'), so that 'denju predict' and the library \
            DenjuInference need no other file.
            """)

    @Argument(help: "A run's folder, a checkpoint, or a .safetensors file.", completion: .file())
    var model: String

    @Option(name: .long, help: "The .safetensors file to write.", completion: .file())
    var output: String

    @OptionGroup var data: DataOptions

    func run() throws {
        try reporting {
            guard output.hasSuffix(".safetensors") else {
                throw UserError("--output is \(output): give a name that ends in .safetensors.")
            }
            var stored = try StoredModel(model)
            for warning in stored.warnings { printMessage(warning) }
            // No scene is read: a model with a card can be exported without its data.
            stored.card = try ModelData(of: stored, data, split: .validation, needsScenes: false)
                .card
            try stored.write(to: output)
            let card = stored.card
            printSummary(
                "\(output): \(grouped(stored.network.parameterCount)) parameters, "
                    + "\(card?.classes.count ?? 0) classes, reads "
                    + "\(card?.features.map(\.name).joined(separator: ", ") ?? "") in a grid of "
                    + "\(card?.grid ?? 0) m")
        }
    }
}
