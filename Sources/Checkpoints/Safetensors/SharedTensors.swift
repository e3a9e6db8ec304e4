package import Tensors

/// A safetensors file whose tensors are read where the system keeps its bytes, by any number of
/// processes: in memory once a machine, and there at once.
///
/// Each tensor begins at a multiple of 64 bytes (tensors called `.fill-…` stand between), and the
/// first text of the metadata, `checksum`, is that of all that follows it. A checksum at the speed of
/// memory finds damage; only a digest would find design, so it is for files which a program makes for
/// itself of what it has verified, and reads only where nobody else may have written them.
package struct SharedTensors: Sendable {
    /// The texts of its metadata.
    package var metadata: [String: String] { file.metadata }
    /// The file, for tensors that are to be copied.
    package let file: SafetensorsFile
    private let bytes: MappedFile

    private static let beginning = Array("{\"__metadata__\":{\"checksum\":\"".utf8)
    /// Where the checksum stands: behind the length of the header.
    private static let digits = 8 + beginning.count..<8 + beginning.count + 16
    private static let alignment = 64

    /// Opens a file; throws unless every byte is as it was written, by this process's user.
    package init(_ path: String) throws {
        let bytes = try MappedFile(path)
        guard bytes.isOwn else {
            throw FileError(path, "may have been written by others than this process's user")
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

    /// The bytes of a tensor's values, where they are.
    package func bytes(of name: String) throws -> MappedFile.Part {
        bytes[try file.entry(name).range]
    }

    /// Puts a file in the place of what has its name, in one step.
    ///
    /// It is not made durable: what a crash leaves of it does not match its checksum. One process at a
    /// time may write a name, and takes away what others have left of it that were killed.
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
        let name = FilePaths.lastName(of: unfinished) + TemporaryName.prefix
        for left in try fileSystem.names(in: folder) where left.hasPrefix(name) {
            try fileSystem.removeFile(folder + "/" + left)
        }
        try fileSystem.replace(path, through: unfinished + TemporaryName.make(), durably: false) {
            file in
            try file.write(header)
            for entry in all { try entry.tensor.withBytes { try file.write($0) } }
            try file.close()
        }
    }

    /// The tensors with others between them, so that each begins where it should.
    private static func filled(_ tensors: [NamedTensor]) -> [NamedTensor] {
        let step = alignment / MemoryLayout<Float>.stride
        return tensors.enumerated().flatMap { place, entry in
            let missing = (step - entry.tensor.count % step) % step
            guard missing > 0 else { return [entry] }
            let fill = Tensor.zeros(rows: 1, columns: missing)
            return [entry, NamedTensor(name: ".fill-\(place)", shape: [missing], tensor: fill)]
        }
    }
}
