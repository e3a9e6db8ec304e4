package import Files
package import Tensors

/// A memory-mapped safetensors file, which any number of processes share.
///
/// Each tensor begins at a multiple of 64 bytes (tensors named `.fill-…` pad the others). The first
/// text of the metadata, `checksum`, covers the bytes after it. The checksum is as fast as memory
/// and detects damage, but not manipulation, unlike a digest. The format is therefore for files
/// that a program derives from verified ones, in places where no other user can write.
package struct SharedTensors: Sendable {
    /// The texts of the metadata.
    package var metadata: [String: String] { file.metadata }
    /// The file, for reading copies of tensors.
    package let file: SafetensorsFile
    private let bytes: MappedFile

    private static let beginning = Array("{\"__metadata__\":{\"checksum\":\"".utf8)
    /// The position of the checksum, after the length of the header.
    private static let digits = 8 + beginning.count..<8 + beginning.count + 16
    private static let alignment = 64

    /// Opens a file; throws if a byte has changed, or if another user may have written the file.
    package init(_ path: String) throws {
        let bytes = try MappedFile(path)
        // The checksum detects accidents only; the owner and the mode exclude manipulation.
        guard bytes.isOwn else {
            throw FileError(path, "can be written by users other than the one of this process")
        }
        let start = try bytes.bytes(0..<min(Self.digits.upperBound, bytes.size))
        guard start.count == Self.digits.upperBound, start[8...].starts(with: Self.beginning) else {
            throw FileError(path, "has no checksum: its metadata do not begin with one")
        }
        file = try SafetensorsFile(file: bytes, path: path)
        let tensors = file.entries.map(\.range)
        let parts = [Self.digits.upperBound..<(tensors.first?.lowerBound ?? bytes.size)] + tensors
        let sum = Checksum64(parts.map { part in bytes[part].withBytes { Checksum64(of: $0) } })
        guard Array(sum.hex.utf8) == Array(start[Self.digits]) else {
            throw FileError(path, "has been changed: its bytes do not match its checksum")
        }
        self.bytes = bytes
    }

    /// The mapped bytes of a tensor's values.
    package func bytes(of name: String) throws -> MappedFile.Part {
        bytes[try file.entry(name).range]
    }

    /// Writes or replaces a file in one step, and removes the remains of killed writers.
    ///
    /// The file is not made durable: the checksum detects the damage of a crash. Only one process
    /// at a time may write a name.
    package static func write(
        _ tensors: [NamedTensor], texts: [(key: String, value: String)], to path: String,
        in fileSystem: any FileSystem = LocalFileSystem()
    ) throws {
        let all = filled(tensors)
        let zeros = String(repeating: "0", count: digits.count)
        var header = SafetensorsWriter.header(
            of: all, texts: [(key: "checksum", value: zeros)] + texts, alignment: alignment)
        let rest = Array(header[digits.upperBound...])
        let sum = Checksum64([Checksum64(of: unsafe rest.span.bytes)] + all.map(\.tensor.checksum))
        header.replaceSubrange(digits, with: sum.hex.utf8)
        let unfinished = path + "."
        let folder = FilePaths.parent(of: path)
        let name = FilePaths.lastName(of: unfinished)
        for left in try fileSystem.names(in: folder)
        where left.hasPrefix(name) && TemporaryName.isEnding(left.dropFirst(name.count)) {
            try fileSystem.removeFile(folder + "/" + left)
        }
        try fileSystem.replace(path, through: unfinished + TemporaryName.make(), durably: false) {
            file in
            try file.write(header)
            for entry in all { try entry.tensor.withBytes { try file.write($0) } }
            try file.close()
        }
    }

    /// The tensors with padding tensors between them, so that each begins at its alignment.
    private static func filled(_ tensors: [NamedTensor]) -> [NamedTensor] {
        // Padding consists of tensors because the format allows no bytes between tensors.
        let step = alignment / MemoryLayout<Float>.stride
        return tensors.enumerated().flatMap { place, entry in
            let missing = (step - entry.tensor.count % step) % step
            guard missing > 0 else { return [entry] }
            let fill = Tensor.zeros(rows: 1, columns: missing)
            return [entry, NamedTensor(name: ".fill-\(place)", shape: [missing], tensor: fill)]
        }
    }
}
