internal import FoundationEssentials
package import Tensors

/// Everything a run needs to go on, apart from its tensors: what `state.json` holds.
///
/// Nothing in it depends on the number of workers, and there is no generator state: randomness is a
/// function of the seed and the place in the run.
package struct CheckpointState: Codable, Sendable, Equatable {
    /// The version of this layout; another one is refused.
    package var formatVersion = CheckpointState.currentVersion
    /// The run's 128 random bits as 32 lower-case hexadecimal digits.
    package var runID: String
    /// How often a coordinator has taken up the run.
    package var epoch: UInt64
    /// Steps done; the weights are those after this many.
    package var step: Int
    /// Passes over the data that are complete.
    package var pass: Int
    /// Samples of the current pass that are used up, in the pass's order.
    package var cursor: Int
    /// The seed of everything random in the run.
    package var seed: UInt64
    /// The recipe as its text was given.
    package var recipe: String
    /// The digest of the recipe's text.
    package var recipeSHA256: SHA256
    /// The version of the program that wrote the checkpoint.
    package var toolVersion: String
    /// With which arithmetic the numbers were made.
    package var numerics: NumericsFingerprint
    /// The best value so far of the metric by which the best student is chosen.
    package var best: BestMetric?

    /// The layout written by this version.
    package static let currentVersion = 1

    /// A state; the recipe's digest is computed.
    package init(
        runID: String, epoch: UInt64, step: Int, pass: Int, cursor: Int, seed: UInt64,
        recipe: String, toolVersion: String, numerics: NumericsFingerprint, best: BestMetric? = nil
    ) {
        self.runID = runID
        self.epoch = epoch
        self.step = step
        self.pass = pass
        self.cursor = cursor
        self.seed = seed
        self.recipe = recipe
        self.recipeSHA256 = SHA256(of: recipe)
        self.toolVersion = toolVersion
        self.numerics = numerics
        self.best = best
    }
}

/// With which arithmetic numbers were made: two machines with the same fingerprint give the same
/// bits.
package struct NumericsFingerprint: Codable, Sendable, Equatable {
    /// OpenBLAS's name for the processor it computes for: `SkylakeX`.
    package var blasCore: String
    /// The width of our kernels: `v4`, `v3` or `default`.
    package var kernels: String
    /// The hash of a small computation, in hexadecimal.
    package var canary: String

    /// A fingerprint.
    package init(blasCore: String, kernels: String, canary: String) {
        self.blasCore = blasCore
        self.kernels = kernels
        self.canary = canary
    }

    /// The fingerprint of a process's arithmetic.
    package init(_ numerics: Numerics.Fingerprint) {
        let digits = numerics.hash.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }
        self.init(
            blasCore: numerics.coreName, kernels: "v\(numerics.kernelWidth)",
            canary: digits.joined())
    }
}

/// The best value a metric has had, and when.
package struct BestMetric: Codable, Sendable, Equatable {
    /// The metric: `mIoU`.
    package var name: String
    /// Its value; finite.
    package var value: Double
    /// The step after which it was measured.
    package var step: Int

    /// A best value.
    package init(name: String, value: Double, step: Int) {
        self.name = name
        self.value = value
        self.step = step
    }
}

// MARK: - As a file

extension CheckpointState {
    /// The bytes of `state.json`; an error if something in it cannot be read back.
    func encoded(path: String) throws -> [UInt8] {
        try check(path: path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// Reads `state.json`.
    init(decoding bytes: [UInt8], path: String) throws(FileError) {
        do {
            // Refuses what Foundation lets pass, and knows the byte at which a text goes wrong.
            let value = try JSONReader.value(of: bytes)
            if case .object(let members) = value,
                let version = members.first(where: { $0.key == "formatVersion" }),
                version.value != .integer(CheckpointState.currentVersion)
            {
                throw FileError(
                    path, at: version.offset,
                    "has a format this version cannot read; use the version that wrote it")
            }
            self = try JSONDecoder().decode(CheckpointState.self, from: Data(bytes))
        } catch let error as FileError {
            throw error
        } catch let error as JSONError {
            throw FileError(path, at: error.offset, error.reason)
        } catch let error as DecodingError {
            throw FileError(path, CheckpointState.reason(error))
        } catch {
            throw FileError(path, "cannot be read: \(error)")
        }
        try check(path: path)
    }

    private static func reason(_ error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, _): "lacks “\(key.stringValue)”"
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .dataCorrupted(let context):
            "has an unusable “\(context.codingPath.map(\.stringValue).joined(separator: "."))”: "
                + context.debugDescription
        @unknown default: "cannot be read: \(error)"
        }
    }

    private func check(path: String) throws(FileError) {
        guard runID.utf8.count == 32, SHA256(hex: runID + runID) != nil else {
            throw FileError(path, "has “\(runID)” where a run id has 32 hexadecimal digits")
        }
        guard step >= 0, pass >= 0, cursor >= 0 else {
            throw FileError(path, "has a negative step, pass or cursor")
        }
        guard recipeSHA256 == SHA256(of: recipe) else {
            throw FileError(path, "has a recipe that does not match its digest")
        }
        guard best?.value.isFinite != false else {
            throw FileError(path, "has a best metric that is not a finite number")
        }
    }
}
