package import Files
package import Tensors

/// A writer of safetensors files.
///
/// Tensors keep their order. The header is padded with spaces to a multiple of 8 bytes, as the
/// public package does. Values are written from the tensors' memory without a copy of the whole.
package enum SafetensorsWriter {
    /// The precision of the written values.
    package enum Precision: Sendable {
        /// Single precision, unchanged: F32.
        case single
        /// Half precision, rounded as by ``Tensor/withHalves(_:)``: F16.
        case half

        var type: SafetensorsType { self == .single ? .float32 : .float16 }
    }

    /// The default `__metadata__`, with which Python loads the files as PyTorch tensors.
    package static let standardMetadata: KeyValuePairs = ["format": "pt"]

    /// Writes or replaces a file durably and in one step.
    ///
    /// Readers see the previous file or the whole new one, also after a crash.
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

    /// The bytes of a file with these tensors.
    package static func bytes(
        of tensors: some Sequence<NamedTensor>,
        metadata: KeyValuePairs<String, String> = standardMetadata,
        precision: Precision = .single
    ) -> [UInt8] {
        bytes(of: Array(tensors), texts: metadata, precision: precision)
    }

    /// The bytes of a file with these tensors and metadata.
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

    /// The 8 bytes of length and the padded JSON before the values.
    ///
    /// - Parameter alignment: the values begin at a multiple of this number of bytes.
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
