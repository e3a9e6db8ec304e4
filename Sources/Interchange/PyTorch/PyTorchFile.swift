package import Archives
import Checkpoints
package import Tensors

/// The named tensors of a file that `torch.save` wrote: a state dictionary, or a checkpoint with
/// one in it.
///
/// The file is a zip archive of a pickle and the numbers' bytes (PyTorch 1.6 and later). Nothing in
/// it is executed (``PickleReader``), and of a checkpoint only the weights are read: an optimiser's
/// moments stay on the disk. Opening reads the pickle; numbers are read when asked for.
package struct PyTorchFile: Sendable {
    /// A tensor as the pickle describes it.
    package struct Entry: Sendable, Equatable {
        /// Its name, without the `module.` that distributed runs put before it.
        package let name: String
        /// Its shape; empty for a single number.
        package let shape: [Int]
    }

    /// The file's path.
    package let path: String
    /// The tensors in the state dictionary's order.
    package let entries: [Entry]
    /// Whether names began with `module.`, as those of distributed runs do.
    package let wasDistributed: Bool

    private let archive: ZipArchive
    /// What stands before every entry's name.
    private let folder: String
    private let storages: [StoredBlock]
    private let tensors: [StoredTensor]

    private static let longestPickle = 64 << 20
    /// Where frameworks keep a model's weights in a checkpoint.
    private static let stateKeys = ["state_dict", "model_state_dict", "model"]
    private static let prefix = "module."

    /// Opens a file and reads what tensors it holds.
    package init(_ path: String) throws {
        let archive = try Self.archive(path)
        let pickles = archive.entries.filter {
            $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl")
        }
        guard pickles.count == 1, let pickle = pickles.first else {
            throw SourceError(
                "The file \(path) is a zip archive, but not of torch.save: it holds "
                    + "\(pickles.count) entries 'data.pkl' where there is one.")
        }
        guard pickle.size <= Self.longestPickle else {
            throw archive.file.damaged(
                at: pickle.dataOffset, "has a pickle of \(pickle.size) bytes, more than any model",
                advice: "save the model's state_dict alone with torch.save")
        }
        let folder = String(pickle.name.dropLast("data.pkl".count))
        let contents = try PickleReader.contents(
            of: Self.stored(pickle, of: archive), file: archive.file, at: pickle.dataOffset)
        try Self.checkByteOrder(of: archive, folder: folder)
        self.path = path
        self.archive = archive
        self.folder = folder
        storages = contents.storages
        (entries, tensors, wasDistributed) = try Self.state(of: contents, path: path)
    }

    /// The tensors with their numbers, as Float32.
    package func weights() throws -> Weights {
        let named = Dictionary(
            uniqueKeysWithValues: archive.entries.map { ($0.name, $0) })
        // A storage is read once, whoever shares it, and all that is read fits in the file.
        var users: [Int: [Int]] = [:]
        for (place, tensor) in tensors.enumerated() {
            users[tensor.storage, default: []].append(place)
        }
        let (bytes, numbers) = (
            users.keys.reduce(0) { $0 &+ storages[$1].count &* storages[$1].type.size },
            tensors.reduce(0) { $0 &+ $1.count }
        )
        guard max(bytes, numbers) <= archive.file.size else {
            throw archive.file.damaged(
                at: 0, "declares \(max(bytes, numbers)) bytes of weights, more than it has",
                advice: "save it again with torch.save")
        }
        var read = [Tensor?](repeating: nil, count: tensors.count)
        for storage in users.keys.sorted() {
            let block = storages[storage]
            let name = folder + "data/" + block.key
            guard let entry = named[name], entry.size == block.count * block.type.size else {
                throw SourceError(
                    "The file \(path) has no entry '\(name)' of \(block.count) numbers, which its "
                        + "tensors are made of: copy it again.")
            }
            let bytes = try Self.stored(entry, of: archive)
            for place in users[storage] ?? [] {
                read[place] = tensors[place].tensor(of: bytes, type: block.type)
            }
        }
        return Weights(
            zip(entries, read).map { entry, tensor in
                NamedTensor(name: entry.name, shape: entry.shape, tensor: tensor!)
            })
    }
}

extension PyTorchFile {
    /// Reads a pickle as if it stood in a file; throws what reading the file would throw.
    package static func check(pickle: [UInt8], of file: InputFile) throws {
        _ = try state(of: PickleReader.contents(of: pickle, file: file, at: 0), path: file.path)
    }

    private static func archive(_ path: String) throws -> ZipArchive {
        let file = try InputFile(path)
        // A local header, or the end of an empty archive.
        guard file.size >= 4, try file.bytes(0..<2) == [0x50, 0x4B] else {
            let isPickle = try file.size > 2 && file.bytes(0..<1) == [0x80]
            let (what, advice) =
                isPickle
                ? ("in the format of PyTorch before 1.6", "load it there and save it again")
                : ("no file of torch.save", "give a .pth file or a .safetensors file")
            throw SourceError("The file \(path) is \(what): \(advice).")
        }
        return try ZipArchive(path)
    }

    /// An entry's bytes, which PyTorch never packs.
    private static func stored(
        _ entry: ZipArchive.Entry, of archive: ZipArchive
    ) throws -> [UInt8] {
        guard !entry.isDeflated else {
            throw archive.file.damaged(
                at: entry.dataOffset, "holds '\(entry.name)' packed, which torch.save never does",
                advice: "save it again with torch.save")
        }
        return try archive.contents(of: entry)
    }

    /// Refuses numbers with the highest byte first; archives without the entry are little-endian.
    private static func checkByteOrder(of archive: ZipArchive, folder: String) throws {
        guard let entry = archive.entries.first(where: { $0.name == folder + "byteorder" }),
            entry.size <= 64
        else { return }
        let order = String(decoding: try stored(entry, of: archive), as: UTF8.self)
        guard order == "little" else {
            throw archive.file.damaged(
                at: entry.dataOffset, "was written on a machine of \(order.prefix(6))-endian order",
                advice: "load it in PyTorch on a little-endian machine and save it again")
        }
    }

    private typealias State = (entries: [Entry], tensors: [StoredTensor], wasDistributed: Bool)

    /// The tensors of the state dictionary, wherever in the checkpoint it is.
    private static func state(of contents: PickleContents, path: String) throws -> State {
        guard case .dictionary(let top) = contents.root else {
            throw SourceError(
                "The file \(path) holds \(contents.root.kind), no dictionary of weights: save the "
                    + "model's state_dict with torch.save.")
        }
        let inner = stateKeys.lazy.compactMap { key -> Int? in
            guard case .dictionary(let place)? = contents.value(key, of: top) else { return nil }
            return place
        }.first
        var state: State = ([], [], false)
        var names = Set<String>()
        for (key, value) in contents.dictionaries[inner ?? top] {
            guard case .tensor(let tensor) = value else {
                throw SourceError(
                    "The file \(path) has \(value.kind) under '\(key.prefix(100))' where weights "
                        + "have a tensor: save the model's state_dict with torch.save.")
            }
            var name = Substring(key)
            while name.hasPrefix(prefix) {
                name.removeFirst(prefix.count)
                state.wasDistributed = true
            }
            guard names.insert(String(name)).inserted else {
                throw SourceError("The file \(path) names \(name.prefix(100)) twice.")
            }
            state.entries.append(Entry(name: String(name), shape: tensor.shape))
            state.tensors.append(tensor)
        }
        guard !state.entries.isEmpty else {
            throw SourceError("The file \(path) holds no weights.")
        }
        return state
    }
}
