import Files
internal import Tensors

/// One group of a checkpoint's tensors as files: `model-00001-of-00003.safetensors`, … and
/// `model.safetensors.index.json`, the layout in which the public tools load sharded weights.
struct Shards {
    /// The group: `model`.
    let group: String
    /// The tensors of each file.
    let files: [[NamedTensor]]

    /// Distributes the weights over files of at most `limit` bytes of values.
    ///
    /// A tensor is never divided, whatever its size. Without weights there is one file without
    /// tensors.
    init(group: String, weights: Weights, limit: Int) {
        self.group = group
        var files: [[NamedTensor]] = [[]]
        var bytes = 0
        for entry in weights {
            let size = entry.byteCount
            if bytes > 0 && size > limit - bytes {
                files.append([])
                bytes = 0
            }
            files[files.count - 1].append(entry)
            bytes += size
        }
        self.files = files
    }

    /// The end of an index's name, after the group.
    static let indexSuffix = ".safetensors.index.json"

    /// The name of the index.
    var indexName: String { group + Shards.indexSuffix }

    /// The name of a file.
    func name(of file: Int) -> String {
        "\(group)-\(padded(file + 1, to: 5))-of-\(padded(files.count, to: 5)).safetensors"
    }

    /// The size of the values in bytes.
    var byteCount: Int { files.joined().reduce(0) { $0 + $1.byteCount } }

    /// The bytes of the index, which maps each tensor to its file.
    var index: [UInt8] {
        var lines: [(name: String, file: String)] = []
        for (place, tensors) in files.enumerated() {
            for entry in tensors { lines.append((entry.name, name(of: place))) }
        }
        lines.sort { WeightsDigest.precedes($0.name, $1.name) }
        let map = lines.map { "    \(jsonText($0.name)): \(jsonText($0.file))" }
        let text =
            "{\n  \"metadata\": {\n    \"total_size\": \(byteCount)\n  },\n  \"weight_map\": {\n"
            + map.joined(separator: ",\n") + "\n  }\n}\n"
        return Array(text.utf8)
    }

    /// Writes the files and the index durably into a folder.
    func write(into folder: String, in fileSystem: any FileSystem) throws -> [FileSummary] {
        var summaries: [FileSummary] = []
        for (place, tensors) in files.enumerated() {
            let name = name(of: place)
            var file = HashedFile(try fileSystem.create(folder + "/" + name))
            try SafetensorsWriter.write(
                tensors, metadata: SafetensorsWriter.standardMetadata, to: &file)
            summaries.append(try file.finish(name: name))
        }
        var file = HashedFile(try fileSystem.create(folder + "/" + indexName))
        try file.write(index)
        summaries.append(try file.finish(name: indexName))
        return summaries
    }
}

extension NamedTensor {
    /// The size of the values in bytes.
    fileprivate var byteCount: Int { tensor.count * MemoryLayout<Float>.size }
}
