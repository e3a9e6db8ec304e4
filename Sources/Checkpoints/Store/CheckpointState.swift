package import Files
internal import FoundationEssentials
package import Tensors

/// The state of a run apart from its tensors: the contents of `state.json`.
///
/// The state does not depend on the number of workers, and contains no generator state: random
/// numbers are a function of the seed and the position in the run.
package struct CheckpointState: Codable, Sendable, Equatable {
    /// The version of the file's layout; other versions are rejected.
    package var formatVersion = CheckpointState.currentVersion
    /// The run's 128 random bits as 32 lower-case hexadecimal digits.
    package var runID: String
    /// The number of times that a coordinator has been started for the run.
    package var epoch: UInt64
    /// The number of completed steps; the weights are those after the last of them.
    package var step: Int
    /// The number of completed passes over the data.
    package var pass: Int
    /// The number of samples of the current pass that have been used, in the pass's order.
    package var cursor: Int
    /// The seed of all random numbers of the run.
    package var seed: UInt64
    /// The recipe's original text.
    package var recipe: String
    /// The digest of the recipe's text.
    package var recipeSHA256: SHA256
    /// The version of the program that wrote the checkpoint.
    package var toolVersion: String
    /// The arithmetic that computed the weights.
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

/// The arithmetic of a machine: two machines with equal fingerprints compute equal bits.
package struct NumericsFingerprint: Codable, Sendable, Equatable {
    /// The OpenBLAS core in use, such as `SkylakeX`.
    package var blasCore: String
    /// The vector width of CKernels, such as `v4` or `v3`.
    package var kernels: String
    /// The hash of the canary computation, in hexadecimal.
    package var canary: String

    /// A fingerprint.
    package init(blasCore: String, kernels: String, canary: String) {
        self.blasCore = blasCore
        self.kernels = kernels
        self.canary = canary
    }

    /// The fingerprint of a process's arithmetic.
    package init(_ numerics: Numerics.Fingerprint) {
        self.init(
            blasCore: numerics.coreName, kernels: "v\(numerics.kernelWidth)",
            canary: hexadecimal(numerics.hash))
    }
}

/// The best value of a metric so far, and its step.
package struct BestMetric: Codable, Sendable, Equatable {
    /// The metric, such as `mIoU`.
    package var name: String
    /// The value; it is finite.
    package var value: Double
    /// The step after which the value was measured.
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
    /// The bytes of `state.json`; throws if they could not be read back.
    func encoded(path: String) throws -> [UInt8] {
        try check(path: path)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
    }

    /// Reads `state.json`.
    init(decoding bytes: [UInt8], path: String) throws(FileError) {
        do {
            // Foundation's decoder accepts duplicate keys and does not report the byte of an error.
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
