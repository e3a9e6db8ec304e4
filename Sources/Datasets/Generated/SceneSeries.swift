import Tensors
import ZipArchives

/// The numbering of generated scenes, which determines their random numbers.
///
/// Splits have separate sequences, so that their scenes differ.
struct SceneSeries: Sendable {
    let count: Int
    private let seed: UInt64
    private let split: Split

    /// Throws `SourceError` if the settings have an impossible number of scenes, or name files.
    init(_ settings: DataSettings, split: Split) throws {
        seed = settings.seed
        self.split = split
        count = settings.scenes[split] ?? Self.usualCount(split)
        guard count > 0 && count <= 100_000_000 else {
            throw SourceError(
                "data.scenes asks for \(count) \(split.rawValue) scenes: "
                    + "give a number from 1 to 100000000.")
        }
        guard settings.path == nil, settings.sequences == DataSettings.PerSplit() else {
            throw SourceError(
                "The source '\(settings.source)' makes its scenes and reads no files: "
                    + "remove data.path and data.sequences.")
        }
    }

    private static func usualCount(_ split: Split) -> Int { split == .training ? 256 : 32 }

    func name(of index: Int) -> String {
        // Zeros in front keep sorted names in the order of the scenes.
        let digits = String(index)
        let zeros = String(repeating: "0", count: max(0, 6 - digits.count))
        return "\(seed)/\(split.rawValue)/\(zeros)\(digits)"
    }

    /// The random numbers of a scene for one purpose.
    func random(of index: Int, for purpose: String) -> CounterGenerator {
        precondition(index >= 0 && index < count, "There is no scene \(index) of \(count).")
        // The split is part of the purpose: validation must not repeat the training scenes.
        return CounterGenerator(
            seed: seed, sample: UInt64(index),
            purpose: CounterGenerator.Purpose("\(split.rawValue) scene, \(purpose)"))
    }
}
