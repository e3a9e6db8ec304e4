package import Checkpoints
import Distillation
package import Files
import Foundation
package import Networks
package import Tensors

/// Contents of a knowledge pack's `pack.json`: the teacher, the arithmetic, and, if `denju teach` built the
/// pack, the inputs.
package struct PackDescription: Codable, Sendable {
    /// The teacher and the arithmetic of the entries.
    package var origin: Origin
    /// The teacher's network, so that taps and strides are known without its weights.
    package var network: NetworkRecipe
    /// The teacher's auxiliary heads, if the entries hold their scores.
    package var heads: StoredHeads.Places?
    /// The contents of a pack built ahead of training; nil for a pack that runs add to.
    package var contents: Contents?
    private var format = 1

    /// A description of the given parts.
    package init(
        origin: Origin, network: NetworkRecipe, heads: StoredHeads.Places? = nil,
        contents: Contents? = nil
    ) {
        self.origin = origin
        self.network = network
        self.heads = heads
        self.contents = contents
    }

    /// The teacher's taps, heads and geometry.
    var side: NetworkPair.Side {
        get throws {
            let network = try network.build()
            return NetworkPair.Side(
                network,
                auxiliary: try heads.map {
                    try AuxiliaryHeads(for: network, at: $0.taps, classes: $0.classes)
                })
        }
    }

    /// Determines the bits of every entry, beside the clouds.
    package struct Origin: Codable, Sendable, Equatable {
        /// SHA-256 of the teacher's weights, as workers fetch them.
        package var teacher: SHA256
        /// The number of classes.
        package var classes: Int
        /// The arithmetic that computed the outputs.
        package var numerics: NumericsFingerprint
        /// The precision of the teacher's products.
        package var precision: ProductPrecision
        /// The version of denju that computed the outputs.
        package var tool: String

        /// An origin of the given parts.
        package init(
            teacher: SHA256, classes: Int, numerics: NumericsFingerprint,
            precision: ProductPrecision, tool: String
        ) {
            self.teacher = teacher
            self.classes = classes
            self.numerics = numerics
            self.precision = precision
            self.tool = tool
        }

        /// The digest of all parts: packs of the same digest hold the same bits at the same addresses.
        package var digest: SHA256 {
            SHA256(
                of: "denju pack 1\n\(teacher.hex)\n\(classes)\n\(numerics.canary)\n"
                    + "\(precision.rawValue)\n\(tool)")
        }

        fileprivate var computer: String {
            "denju \(tool) with kernels \(numerics.kernels) in \(precision.rawValue)"
        }
    }

    /// Entries that `denju teach` has built.
    package struct Contents: Codable, Sendable {
        /// The teacher's inputs.
        package var inputs: Inputs
        /// The split of the source.
        package var split: String
        /// The number of samples of the split.
        package var samples: Int
        /// The number of entries after the build.
        package var entries: Int
        /// The bytes of the entries.
        package var bytes: Int

        // Packs written before the inputs were renamed must remain readable.
        private enum CodingKeys: String, CodingKey {
            case inputs = "shown"
            case split, samples, entries, bytes
        }

        /// Contents of the given parts.
        package init(inputs: Inputs, split: String, samples: Int, entries: Int, bytes: Int) {
            self.inputs = inputs
            self.split = split
            self.samples = samples
            self.entries = entries
            self.bytes = bytes
        }
    }

    /// The name of the file in a pack's folder.
    package static let fileName = "pack.json"
    private static let largest = 1 << 20

    // MARK: - On disk

    /// Reads the description of a pack; nil if the folder holds none.
    package static func read(
        _ folder: String, in fileSystem: any FileSystem = LocalFileSystem()
    ) throws -> PackDescription? {
        let path = folder + "/" + fileName
        guard try fileSystem.kind(of: path) != nil else { return nil }
        let bytes = try fileSystem.contents(of: path, limit: largest)
        do {
            let description = try JSONDecoder().decode(PackDescription.self, from: Data(bytes))
            guard description.format == 1 else {
                throw KnowledgeError(
                    "\(path) has a format this version of denju cannot read: use the one that "
                        + "wrote it.")
            }
            return description
        } catch is DecodingError {
            throw KnowledgeError(
                "\(path) does not describe a knowledge pack: choose another folder, or remove it "
                    + "and run 'denju teach' again.")
        }
    }

    /// Writes the description atomically into a pack's folder, which is created if necessary.
    package func write(
        to folder: String, in fileSystem: any FileSystem = LocalFileSystem()
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = try encoder.encode(self) + Data("\n".utf8)
        let path = folder + "/" + Self.fileName
        try fileSystem.createDirectories(folder)
        // Several workers may create the pack at once; each writes a file of its own and renames it.
        let ending = ".tmp-" + UUID().uuidString
        try fileSystem.replace(path, through: path + ending) { file in
            try file.write([UInt8](text))
            try file.synchronize()
            try file.close()
        }
    }

    // MARK: - Sentences

    /// The reason not to add entries of another origin to this pack; nil if the origins agree.
    func refusal(of other: Origin, folder: String) -> String? {
        if origin.teacher != other.teacher || origin.classes != other.classes {
            return "The knowledge pack \(folder) is of another teacher: name another folder."
        }
        // Entries of two origins would make a run's bits depend on which of them happened to be present.
        guard origin.digest != other.digest else { return nil }
        return "The knowledge pack \(folder) was built by \(origin.computer), whose outputs differ "
            + "in their last bits from those of \(other.computer): use that version on a processor "
            + "with fused multiply-add (AVX2, AVX-512 or Arm) and set teacher.precision to "
            + "\(origin.precision.rawValue), name another folder, or read it as it is with "
            + "knowledge: pack."
    }
}
