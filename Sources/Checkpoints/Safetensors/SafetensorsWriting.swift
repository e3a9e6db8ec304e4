public import Tensors

/// Writes safetensors files: Float32, the tensors in the given order, the header padded with
/// spaces to a multiple of 8 bytes, as the public package writes it.
///
/// The numbers go from the tensors' memory to the file without a copy of the whole.
public enum SafetensorsWriter {
    /// What is written into `__metadata__` unless told otherwise: it makes the files load in Python
    /// as PyTorch tensors.
    public static let standardMetadata: KeyValuePairs = ["format": "pt"]

    /// Writes a file under its final name, durably and in one step.
    ///
    /// A reader, even after a crash, sees what was there before or the whole new file.
    @discardableResult
    public static func write(
        _ tensors: some Sequence<NamedTensor>, to path: String,
        metadata: KeyValuePairs<String, String> = standardMetadata,
        in fileSystem: any FileSystem = LocalFileSystem()
    ) throws -> FileSummary {
        var summary: FileSummary?
        try fileSystem.replace(path, through: path + "." + TemporaryName.make()) { file in
            var hashed = HashedFile(file)
            try write(Array(tensors), metadata: metadata, to: &hashed)
            summary = try hashed.finish(name: FilePaths.lastName(of: path))
        }
        guard let summary else { preconditionFailure("The file was written.") }
        return summary
    }

    /// The bytes a file of these tensors has.
    public static func bytes(
        of tensors: some Sequence<NamedTensor>,
        metadata: KeyValuePairs<String, String> = standardMetadata
    ) -> [UInt8] {
        let tensors = Array(tensors)
        var bytes = header(of: tensors, metadata: metadata)
        for entry in tensors {
            entry.tensor.withBytes { span in
                unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }

    static func write(
        _ tensors: [NamedTensor], metadata: KeyValuePairs<String, String>, to file: inout HashedFile
    ) throws {
        try file.write(header(of: tensors, metadata: metadata))
        for entry in tensors { try entry.tensor.withBytes { try file.write($0) } }
    }

    /// The 8 bytes of length and the padded JSON in front of the numbers.
    static func header(
        of tensors: [NamedTensor], metadata: KeyValuePairs<String, String>
    ) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let texts = metadata.map { jsonText($0.key) + ":" + jsonText($0.value) }
            members.append("\"__metadata__\":{" + texts.joined(separator: ",") + "}")
        }
        var offset = 0
        for entry in tensors {
            let end = offset + entry.tensor.count * MemoryLayout<Float>.size
            let shape = entry.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(jsonText(entry.name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
            )
            offset = end
        }
        var json = Array(("{" + members.joined(separator: ",") + "}").utf8)
        while json.count % 8 != 0 { json.append(UInt8(ascii: " ")) }
        let length = UInt64(json.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
    }
}
