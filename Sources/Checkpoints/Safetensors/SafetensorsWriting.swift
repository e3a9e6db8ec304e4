package import Tensors

/// Writes safetensors files: the tensors in the given order, the header padded with spaces to a
/// multiple of 8 bytes, as the public package writes it.
///
/// The numbers go from the tensors' memory to the file without a copy of the whole.
package enum SafetensorsWriter {
    /// How numbers are written.
    package enum Precision: Sendable {
        /// As they are: F32.
        case single
        /// In half the bytes, rounded as ``Tensor/withHalves(_:)`` says: F16.
        case half

        var type: SafetensorsType { self == .single ? .float32 : .float16 }
    }

    /// What is written into `__metadata__` unless told otherwise: it makes the files load in Python
    /// as PyTorch tensors.
    package static let standardMetadata: KeyValuePairs = ["format": "pt"]

    /// Writes a file under its final name, durably and in one step.
    ///
    /// A reader, even after a crash, sees what was there before or the whole new file.
    @discardableResult
    package static func write(
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
    package static func bytes(
        of tensors: some Sequence<NamedTensor>,
        metadata: KeyValuePairs<String, String> = standardMetadata,
        precision: Precision = .single
    ) -> [UInt8] {
        bytes(of: Array(tensors), texts: metadata, precision: precision)
    }

    /// The bytes of a file with these texts as its metadata.
    package static func bytes(
        of tensors: [NamedTensor], texts: some Collection<(key: String, value: String)>,
        precision: Precision = .single
    ) -> [UInt8] {
        var bytes = header(of: tensors, texts: texts, precision: precision)
        let count = tensors.reduce(0) { $0 + $1.tensor.count }
        bytes.reserveCapacity(bytes.count + count * precision.type.size)
        for entry in tensors {
            entry.tensor.withBytes(precision) { span in
                unsafe span.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
            }
        }
        return bytes
    }

    static func write(
        _ tensors: [NamedTensor], metadata: KeyValuePairs<String, String>, to file: inout HashedFile
    ) throws {
        try file.write(header(of: tensors, texts: metadata))
        for entry in tensors { try entry.tensor.withBytes { try file.write($0) } }
    }

    /// The 8 bytes of length and the padded JSON in front of the numbers.
    ///
    /// - Parameter alignment: what the byte at which the numbers begin is a multiple of.
    static func header(
        of tensors: [NamedTensor], texts: some Collection<(key: String, value: String)>,
        precision: Precision = .single, alignment: Int = 8
    ) -> [UInt8] {
        var members: [String] = []
        if !texts.isEmpty {
            let texts = texts.map { jsonText($0.key) + ":" + jsonText($0.value) }
            members.append("\"__metadata__\":{" + texts.joined(separator: ",") + "}")
        }
        var offset = 0
        for entry in tensors {
            let end = offset + entry.tensor.count * precision.type.size
            let shape = entry.shape.map(String.init).joined(separator: ",")
            members.append(
                "\(jsonText(entry.name)):{\"dtype\":\"\(precision.type.rawValue)\","
                    + "\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var json = Array(("{" + members.joined(separator: ",") + "}").utf8)
        while (8 + json.count) % alignment != 0 { json.append(UInt8(ascii: " ")) }
        let length = UInt64(json.count)
        return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + json
    }
}

extension Tensor {
    /// The bytes of the values in a file of the given precision.
    fileprivate func withBytes(
        _ precision: SafetensorsWriter.Precision, _ body: (RawSpan) -> Void
    ) {
        switch precision {
        case .single: withBytes(body)
        case .half: withHalves { body(unsafe $0.bytes) }
        }
    }
}
