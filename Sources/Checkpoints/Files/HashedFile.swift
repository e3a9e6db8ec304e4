/// What was written under a name: enough to recognise it later.
package struct FileSummary: Sendable, Equatable {
    /// Its name inside its folder.
    package var name: String
    /// Its length in bytes.
    package var size: Int
    /// The digest of its bytes.
    package var sha256: SHA256

    /// The summary of a file.
    package init(name: String, size: Int, sha256: SHA256) {
        self.name = name
        self.size = size
        self.sha256 = sha256
    }
}

/// Writes a file while counting and hashing its bytes; small pieces are gathered first.
struct HashedFile {
    private let file: any WritableFile
    private var hasher = SHA256.Hasher()
    private var gathered: [UInt8] = []
    private(set) var size = 0

    private static let pieceSize = 1 << 16

    init(_ file: any WritableFile) { self.file = file }

    mutating func write(_ bytes: RawSpan) throws {
        hasher.update(bytes)
        size += bytes.byteCount
        guard bytes.byteCount < HashedFile.pieceSize else {
            try flush()
            return try file.write(bytes)
        }
        unsafe bytes.withUnsafeBytes { unsafe gathered.append(contentsOf: $0) }
        if gathered.count >= HashedFile.pieceSize { try flush() }
    }

    mutating func write(_ bytes: [UInt8]) throws { try write(unsafe bytes.span.bytes) }

    private mutating func flush() throws {
        guard !gathered.isEmpty else { return }
        try file.write(gathered)
        gathered.removeAll(keepingCapacity: true)
    }

    /// Writes what is left, waits until all of it is on the disk, and closes the file.
    mutating func finish(name: String) throws -> FileSummary {
        try flush()
        try file.synchronize()
        try file.close()
        return FileSummary(name: name, size: size, sha256: hasher.finalize())
    }
}
