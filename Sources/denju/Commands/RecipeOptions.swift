import ArgumentParser
import Foundation
import Reporting
import Training

/// The options that select a recipe and override its values.
struct RecipeOptions: ParsableArguments {
    @Option(
        name: .long, help: "The recipe, a YAML file; - for standard input.", completion: .file())
    var recipe: String

    @Option(name: .long, help: "The number of steps of the run, instead of the recipe's.")
    var steps: Int?

    @Option(name: .long, help: "The seed of all random numbers, instead of the recipe's.")
    var seed: UInt64?

    /// Reads the recipe with the overrides.
    func read() throws -> Recipe {
        if let steps, steps < 1 { throw UserError("--steps is \(steps): give 1 or more.") }
        return try Recipe(file: recipe, steps: steps, seed: seed)
    }
}

extension Recipe {
    /// Reads a recipe's file.
    init(file: String, steps: Int? = nil, seed: UInt64? = nil) throws {
        try self.init(
            yaml: TextFile.read(file, "recipe"), file: file, steps: steps, seed: seed)
        for note in notes { printMessage(note) }
    }
}
