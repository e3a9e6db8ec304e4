/// The size and digest of a file.
package struct FileSummary: Sendable, Equatable {
    /// The file's name in its folder.
    package var name: String
    /// The size in bytes.
    package var size: Int
    /// The digest of the file's bytes.
    package var sha256: SHA256

    /// The summary of a file.
    package init(name: String, size: Int, sha256: SHA256) {
        self.name = name
        self.size = size
        self.sha256 = sha256
    }
}

/// A writer that counts and hashes a file's bytes.
package struct HashedFile {
    private let file: any WritableFile
    private var hasher = SHA256.Hasher()
    private var gathered: [UInt8] = []
    private(set) var size = 0

    // Headers and manifests come in small pieces; each would cost a system call.
    private static let pieceSize = 1 << 16

    /// A writer of a new file.
    package init(_ file: any WritableFile) { self.file = file }

    /// Writes bytes.
    package mutating func write(_ bytes: RawSpan) throws {
        hasher.update(bytes)
        size += bytes.byteCount
        guard bytes.byteCount < HashedFile.pieceSize else {
            try flush()
            return try file.write(bytes)
        }
        unsafe bytes.withUnsafeBytes { unsafe gathered.append(contentsOf: $0) }
        if gathered.count >= HashedFile.pieceSize { try flush() }
    }

    /// Writes bytes.
    package mutating func write(_ bytes: [UInt8]) throws { try write(unsafe bytes.span.bytes) }

    private mutating func flush() throws {
        guard !gathered.isEmpty else { return }
        try file.write(gathered)
        gathered.removeAll(keepingCapacity: true)
    }

    /// Writes the remaining bytes durably and closes the file.
    package mutating func finish(name: String) throws -> FileSummary {
        try flush()
        try file.synchronize()
        try file.close()
        return FileSummary(name: name, size: size, sha256: hasher.finalize())
    }
}
