import Checkpoints
import Files
package import Tensors
package import ZipArchives

/// The named tensors of a file of `torch.save`: a state dictionary, or a checkpoint that contains one.
///
/// The file is a zip archive of a pickle and the bytes of numbers (PyTorch 1.6 and later). Nothing in
/// it is executed (``PickleReader``). Opening a file reads its pickle; ``weights()`` reads the numbers
/// of the weights, and an optimiser's moments are never read.
package struct PyTorchFile: Sendable {
    /// A tensor as the pickle describes it.
    package struct Entry: Sendable, Equatable {
        /// Name, without the parts that wrappers add (``WeightNames``).
        package let name: String
        /// Shape; empty for a scalar.
        package let shape: [Int]
    }

    /// Path of the file.
    package let path: String
    /// Tensors in the order of the state dictionary.
    package let entries: [Entry]
    /// Whether names had the prefix `module.` of distributed runs.
    package let wasDistributed: Bool
    /// Arguments by which the network was constructed, where the checkpoint has them.
    package let settings: [String: StoredSetting]?

    private let archive: ZipArchive
    /// Prefix of the names of the archive's entries.
    private let folder: String
    private let storages: [StoredBlock]
    private let tensors: [StoredTensor]

    // Bounds the memory of a pickle's values, which is proportional to its length.
    private static let largestPickle = 64 << 20
    /// Keys under which frameworks store a model's weights in a checkpoint.
    private static let stateKeys = ["state_dict", "model_state_dict", "model"]

    /// Opens a file and reads the names and shapes of its tensors.
    ///
    /// - Parameters:
    ///   - key: the key of the weights in a checkpoint, with dots between nested ones; nil to look
    ///     under the usual ones.
    ///   - prefix: the prefix of the network's names; nil for none.
    package init(_ path: String, key: String? = nil, prefix: String? = nil) throws {
        let archive = try Self.archive(path)
        let pickles = archive.entries.filter {
            $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl")
        }
        guard pickles.count == 1, let pickle = pickles.first else {
            throw SourceError(
                "The file \(path) is a zip archive, but not of torch.save: it has "
                    + "\(pickles.count) entries 'data.pkl' instead of one.")
        }
        guard pickle.size <= Self.largestPickle else {
            throw archive.file.damaged(
                at: pickle.dataOffset,
                "has a pickle of \(pickle.size) bytes, more than \(Self.largestPickle)",
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
        (entries, tensors, wasDistributed, settings) = try Self.state(
            of: contents, path: path, key: key, names: WeightNames(below: prefix))
    }

    /// Reads the tensors and converts their numbers to Float32.
    package func weights() throws -> Weights {
        let named = Dictionary(
            uniqueKeysWithValues: archive.entries.map { ($0.name, $0) })
        // A storage is read once even if several tensors share it. Neither the storages nor the
        // tensors can have more numbers than the file has bytes, so a small file cannot declare
        // views that take gigabytes.
        var users: [Int: [Int]] = [:]
        for (index, tensor) in tensors.enumerated() {
            users[tensor.storage, default: []].append(index)
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
        // In a fixed order, so that a damaged file always yields the same message.
        for storage in users.keys.sorted() {
            let block = storages[storage]
            let name = folder + "data/" + block.key
            guard let entry = named[name], entry.size == block.count * block.type.size else {
                throw SourceError(
                    "The file \(path) has no entry '\(name)' of \(block.count) numbers for its "
                        + "tensors: copy it again.")
            }
            let bytes = try Self.stored(entry, of: archive)
            for index in users[storage] ?? [] {
                read[index] = tensors[index].tensor(of: bytes, type: block.type)
            }
        }
        return Weights(
            zip(entries, read).map { entry, tensor in
                NamedTensor(name: entry.name, shape: entry.shape, tensor: tensor!)
            })
    }
}

extension PyTorchFile {
    /// Reads a pickle as if it were the one of `file`, and returns the settings beside the weights;
    /// throws the errors of opening such a file.
    // For tests: a changed pickle inside an archive would be rejected by its checksum first.
    @discardableResult
    package static func check(
        pickle: [UInt8], of file: InputFile, limit: Int? = nil
    ) throws -> [String: StoredSetting]? {
        let contents = try PickleReader.contents(
            of: pickle, file: file, at: 0, limit: limit ?? PickleReader.largestInstructionCount)
        return try state(of: contents, path: file.path).settings
    }

    private static func archive(_ path: String) throws -> ZipArchive {
        let file = try InputFile(path)
        // "PK" begins a local header and the end record of an empty archive.
        guard file.size >= 4, try file.bytes(0..<2) == [0x50, 0x4B] else {
            let found = try file.signature()
            let isPickle = try file.size > 2 && file.bytes(0..<1) == [0x80]
            guard isPickle || found == .other else {
                throw file.isNot("a file of torch.save")
            }
            let (what, advice) =
                isPickle
                ? ("in the format of PyTorch before 1.6", "load it in PyTorch and save it again")
                : ("not a file of torch.save", "give a .pth file or a .safetensors file")
            throw SourceError("The file \(path) is \(what): \(advice).")
        }
        return try ZipArchive(path)
    }

    /// Reads an entry, which PyTorch never compresses.
    private static func stored(
        _ entry: ZipArchive.Entry, of archive: ZipArchive
    ) throws -> [UInt8] {
        guard !entry.isDeflated else {
            throw archive.file.damaged(
                at: entry.dataOffset,
                "has a compressed entry '\(entry.name)', which torch.save never writes",
                advice: "save it again with torch.save")
        }
        return try archive.contents(of: entry)
    }

    /// Throws for big-endian numbers; archives without the entry `byteorder` are little-endian.
    private static func checkByteOrder(of archive: ZipArchive, folder: String) throws {
        guard let entry = archive.entries.first(where: { $0.name == folder + "byteorder" }),
            entry.size <= 64
        else { return }
        let order = String(decoding: try stored(entry, of: archive), as: UTF8.self)
        guard order == "little" else {
            throw archive.file.damaged(
                at: entry.dataOffset,
                "was written on a machine of \(order.prefix(6))-endian byte order",
                advice: "load it in PyTorch on a little-endian machine and save it again")
        }
    }

    private typealias State = (
        entries: [Entry], tensors: [StoredTensor], wasDistributed: Bool,
        settings: [String: StoredSetting]?
    )

    /// Finds the state dictionary in a checkpoint and lists its tensors.
    private static func state(
        of contents: PickleContents, path: String, key: String? = nil,
        names: WeightNames = WeightNames()
    ) throws -> State {
        guard case .dictionary(let top) = contents.root else {
            throw SourceError(
                "The file \(path) has \(contents.root.kind) instead of a dictionary of weights: save "
                    + "the model's state_dict with torch.save.")
        }
        let usual = stateKeys.lazy.compactMap { contents.dictionary($0, of: top) }.first
        let place = try key.map { try dictionary(at: $0, of: contents, top, path) } ?? usual ?? top
        var found: [(name: String, value: StoredTensor)] = []
        for (name, value) in contents.dictionaries[place] {
            guard case .tensor(let tensor) = value else {
                throw noTensor(name, value, contents, place, key: key, path)
            }
            found.append((name, tensor))
        }
        let plain = try names.plain(found, of: path)
        return (
            plain.map { Entry(name: $0.name, shape: $0.value.shape) }, plain.map { $0.value },
            found.contains { WeightNames.isDistributed($0.name) }, contents.settings(of: top)
        )
    }

    /// The error for a value that is no tensor; it lists the dictionaries beside the value.
    private static func noTensor(
        _ name: String, _ value: PickleValue, _ contents: PickleContents, _ place: Int,
        key: String?, _ path: String
    ) -> SourceError {
        let others = contents.dictionaries[place].map { $0.key }
            .filter { contents.dictionary($0, of: place) != nil }
        guard let first = others.first else {
            return SourceError(
                "The file \(path) has \(value.kind) instead of a tensor under "
                    + "'\(name.prefix(100))': save the model's state_dict with torch.save.")
        }
        let listed = others.prefix(8).map { "'\($0.prefix(100))'" }.joined(separator: ", ")
        let whole = (key.map { $0 + "." } ?? "") + first.prefix(100)
        return SourceError(
            "The file \(path) has no weights but dictionaries under \(listed): choose one, as with "
                + "--key \(whole).")
    }

    /// The dictionary at a key, or at nested keys with dots between them.
    private static func dictionary(
        at key: String, of contents: PickleContents, _ top: Int, _ path: String
    ) throws -> Int {
        // A key may itself contain dots, and is then meant as it stands.
        if let whole = contents.dictionary(key, of: top) { return whole }
        var place = top
        for part in key.split(separator: ".") {
            guard let next = contents.dictionary(String(part), of: place) else {
                let there = contents.dictionaries[place].map { $0.key }
                throw SourceError(
                    "The file \(path) has no dictionary '\(part.prefix(100))' for --key "
                        + "\(key.prefix(100)): its keys begin with "
                        + "\(there.prefix(8).map { "'\($0.prefix(100))'" }.joined(separator: ", "))."
                )
            }
            place = next
        }
        return place
    }
}

extension PickleContents {
    /// The place of the dictionary under a key; nil if there is none.
    fileprivate func dictionary(_ key: String, of dictionary: Int) -> Int? {
        if case .dictionary(let place)? = value(key, of: dictionary) { place } else { nil }
    }
}
