import Checkpoints
import DenjuInference
import Files
import Foundation
import Networks
package import Tensors

extension Teacher {
    /// The teacher of a fetched file; throws unless the file has the hash.
    ///
    /// The first worker of a machine packs the weights for products and writes them to a file beside it,
    /// which the other workers map, including replacements of lost ones. The machine then holds the weights
    /// in memory once, and a new worker opens them without delay. If that file cannot be written, each
    /// worker packs the weights itself.
    package init(
        asset path: String, digest: [UInt8], precision: ProductPrecision = .float32
    ) throws {
        try Self.check(precision)
        let shared = PackedTeacherFile(of: path, digest: digest, precision: precision)
        if let teacher = shared.read() {
            self = teacher
            return
        }
        // Of several that start together one does the work, and the others wait for it. Without a
        // lock (a cache of another user, a file system without locks) each does it for itself.
        var turn: FileLock?
        if case .taken(let lock) = try? FileLock.take(path, within: PackedTeacherFile.timeout) {
            turn = lock
        }
        if let teacher = shared.read() {
            self = teacher
            return
        }
        let own = try Self.verified(path, digest: digest, precision: precision)
        self = turn == nil ? own : shared.write(own) ?? own
    }

    /// The teacher of a file with the given hash.
    ///
    /// Each tensor is packed for products as soon as it is read, and the memory for reading is reused: that
    /// touches half of the memory that the stored and the packed weights together would take.
    private static func verified(
        _ path: String, digest: [UInt8], precision: ProductPrecision
    ) throws -> Teacher {
        guard try LocalFileSystem().open(path).digest().bytes == digest else {
            // Left in place, the damaged file would be found again by the next start.
            try? FileManager.default.removeItem(atPath: path)
            throw ModelError(
                "The cached teacher \(path) was damaged and has been removed: start the worker "
                    + "again to fetch another copy.")
        }
        let file = try SafetensorsFile(path)
        return try Teacher(of: file, precision: precision) { specification in
            let stored = Weights([try file.namedTensor(specification.name)])
            return try Weights(adopting: stored, for: [specification]).map {
                specification.frozen($0, precision: precision)
            }[0]
        }
    }

    /// The teacher that a file's metadata describe.
    ///
    /// - Parameter value: the value of each parameter, packed for products.
    init(
        of file: SafetensorsFile, precision: ProductPrecision,
        value: (ParameterSpecification) throws -> NamedTensor
    ) throws {
        let network = try ModelFile.network(of: file).build()
        let own = try file.names.filter { $0.hasPrefix(StoredHeads.prefix) }.map(file.namedTensor)
        try self.init(
            network: network, frozen: Weights(network.specifications.map(value)),
            precision: precision, heads: StoredHeads(of: network, among: Weights(own)),
            mapping: StoredModel.mapping(file.metadata, of: file.path))
    }
}
