import Checkpoints
import DenjuInference
import Foundation
import Networks
public import Tensors

extension Teacher {
    /// The teacher of a fetched file; throws unless the file has the hash.
    ///
    /// Each of its tensors is laid out for products as soon as it is read, in memory that the one
    /// before was read into: whoever takes a lost worker's place touches half of what a model as it
    /// is stored and as it is used would take.
    public init(
        asset path: String, digest: [UInt8], precision: ProductPrecision = .float32
    ) throws {
        // The hash takes longer than the rest: whoever takes a lost worker's place does not wait for
        // one and then for the other.
        let halves = try parallel(2, threads: 2) { half -> Result<Teacher, any Error>? in
            // What is wrong with a damaged file's contents is not worth a word: its hash says it.
            guard half == 0 else {
                return Result { try Teacher(unchecked: path, precision: precision) }
            }
            guard try LocalFileSystem().open(path).digest().bytes == digest else {
                try? FileManager.default.removeItem(atPath: path)
                throw ModelError(
                    "The cached teacher \(path) was damaged and has been removed: start the worker "
                        + "again to fetch it anew.")
            }
            return nil
        }
        self = try halves[1]!.get()
    }

    /// The teacher of a file whose hash is somebody else's affair.
    private init(unchecked path: String, precision: ProductPrecision) throws {
        let file = try SafetensorsFile(path)
        let network = try ModelFile.network(of: file).build()
        var frozen = Weights()
        for specification in network.specifications {
            let stored = Weights([try file.namedTensor(specification.name)])
            for value in try Weights(adopting: stored, for: [specification]) {
                frozen.append(specification.frozen(value, precision: precision))
            }
        }
        let own = try file.names.filter { $0.hasPrefix(StoredHeads.prefix) }.map(file.namedTensor)
        try self.init(
            network: network, frozen: frozen, precision: precision,
            heads: StoredHeads(of: network, among: Weights(own)),
            mapping: StoredModel.mapping(file.metadata, of: path))
    }
}
