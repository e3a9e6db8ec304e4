package import Files
package import Tensors

/// A safetensors file that contains its own digest, so that every changed byte is detected.
///
/// The first text of the metadata, `blake2b`, is the digest of the whole file with zeros in place
/// of the digest's own 64 digits. Other readers see an ordinary safetensors file. The format suits
/// folders of thousands of files, which have no manifest.
package enum SealedTensors {
    // The first member, so that the digits have a fixed position and can be replaced without
    // parsing.
    private static let beginning = Array("{\"__metadata__\":{\"blake2b\":\"".utf8)
    /// The position of the digits, after the length of the header.
    private static let digits = 8 + beginning.count..<8 + beginning.count + 2 * BLAKE2b.byteCount
    private static let zeros = String(repeating: "0", count: 2 * BLAKE2b.byteCount)

    /// The bytes of a sealed file of these tensors.
    ///
    /// - Parameter metadata: additional texts, in their order.
    package static func bytes(
        of tensors: [NamedTensor], metadata: [(key: String, value: String)],
        precision: SafetensorsWriter.Precision
    ) -> [UInt8] {
        let texts = [(key: "blake2b", value: zeros)] + metadata
        var bytes = SafetensorsWriter.bytes(of: tensors, texts: texts, precision: precision)
        write(BLAKE2b(of: bytes).hex, into: &bytes)
        return bytes
    }

    /// Opens a sealed file in memory; throws ``FileError`` if a byte has changed.
    ///
    /// - Parameter name: the file's name in errors.
    package static func open(_ bytes: [UInt8], name: String) throws(FileError) -> SafetensorsFile {
        guard bytes.count >= digits.upperBound, bytes[8...].starts(with: beginning),
            let seal = BLAKE2b(hex: String(decoding: bytes[digits], as: UTF8.self))
        else { throw FileError(name, "has no seal: its metadata do not begin with its digest") }
        var unsealed = bytes
        write(zeros, into: &unsealed)
        guard BLAKE2b(of: unsealed) == seal else {
            throw FileError(name, "has been changed: its bytes do not match its own digest")
        }
        do {
            return try SafetensorsFile(bytes: bytes, name: name)
        } catch let error as FileError {
            throw error
        } catch {
            throw FileError(name, "cannot be read: \(error)")
        }
    }

    private static func write(_ text: String, into bytes: inout [UInt8]) {
        bytes.replaceSubrange(digits, with: text.utf8)
    }
}
