internal import Synchronization

/// Files of one kind in a folder, each under the digest of what it belongs to, of which the least
/// recently used go when there are too many bytes of them.
///
/// A cache: entries are written beside their names and renamed, so that a name stands for a whole
/// file or nothing, but not forced onto the disk; after a loss of power one may be damaged, which
/// its reader must notice (see ``SealedTensors``). Several processes may share a folder: whoever
/// writes, reads or removes an entry, the others see it or do not.
///
/// Entries lie in folders named by the first two digits, `3f/3f…9a.safetensors`.
package final class EntryStore: Sendable {
    /// The folder.
    package let path: String
    /// How many bytes the entries may come to; nil for any number, and then none is ever removed.
    package let limit: Int?
    /// How the names of entries end.
    private let suffix: String

    private let fileSystem: any FileSystem
    /// Bytes written here since the folder was last counted; nil before the first count.
    private let writtenSinceCount = Mutex<Int?>(nil)

    /// One entry, as it lies in the folder.
    package struct Entry: Sendable {
        /// What it is called: its address's digits.
        package let address: BLAKE2b
        /// The file.
        package let path: String
        /// Bytes.
        package let size: Int
        fileprivate let used: Int
    }

    /// The entries in a folder, which need not exist yet.
    package init(
        _ path: String, suffix: String = ".safetensors", limit: Int? = nil,
        in fileSystem: any FileSystem = LocalFileSystem()
    ) {
        self.path = path
        self.suffix = suffix
        self.limit = limit
        self.fileSystem = fileSystem
    }

    private func folder(of address: BLAKE2b) -> String { "\(path)/\(address.hex.prefix(2))" }

    /// Where an entry lies, if it is there.
    package func path(of address: BLAKE2b) -> String {
        "\(folder(of: address))/\(address.hex)\(suffix)"
    }

    // MARK: - Entries

    /// The bytes of an entry; nil if it is not there.
    ///
    /// - Parameters:
    ///   - most: an entry of more bytes is an error, before anything is allocated.
    ///   - keepingUse: whether the entry becomes the most recently used one.
    package func read(
        _ address: BLAKE2b, most: Int = .max, keepingUse: Bool = true
    ) throws -> [UInt8]? {
        let path = path(of: address)
        guard try fileSystem.kind(of: path) != nil else { return nil }
        do {
            let bytes = try fileSystem.contents(of: path, limit: most)
            // A folder that may only be read is as good for reading.
            if keepingUse { try? fileSystem.touch(path) }
            return bytes
        } catch {
            // Another process may have made room in the meantime.
            guard try fileSystem.kind(of: path) != nil else { return nil }
            throw error
        }
    }

    /// Whether an entry is there.
    package func contains(_ address: BLAKE2b) throws -> Bool {
        try fileSystem.kind(of: path(of: address)) == .file
    }

    /// Writes an entry, whole or not at all, after making room for it.
    ///
    /// - Returns: false, and nothing is written, if it is larger than all entries may be.
    @discardableResult
    package func write(_ bytes: [UInt8], at address: BLAKE2b) throws -> Bool {
        guard try makeRoom(for: bytes.count) else { return false }
        let folder = folder(of: address)
        let final = path(of: address)
        try fileSystem.createDirectories(folder)
        try fileSystem.replace(final, through: final + "." + TemporaryName.make(), durably: false) {
            try $0.write(bytes)
            try $0.close()
        }
        writtenSinceCount.withLock { $0? += bytes.count }
        return true
    }

    /// Removes an entry; it is no error if it is gone already.
    package func remove(_ address: BLAKE2b) throws {
        do {
            try fileSystem.removeFile(path(of: address))
        } catch {
            guard try fileSystem.kind(of: path(of: address)) == nil else { throw error }
        }
    }

    /// All entries there are.
    package func entries() throws -> [Entry] { try contents().entries }

    // MARK: - Room

    /// Removes what was used longest ago until an entry of so many bytes fits; false if none would.
    ///
    /// What other processes write is seen when the folder is counted, each time a 64th of the limit
    /// has been written here. Room is kept for what as many as eight processes write in between.
    private func makeRoom(for size: Int) throws -> Bool {
        guard let limit else { return true }
        let most = limit - limit / 8
        guard size <= most else { return false }
        try writtenSinceCount.withLock { written in
            if let written, written + size <= limit / 64 { return }
            let (entries, leftovers) = try contents()
            for leftover in leftovers { try? fileSystem.removeFile(leftover) }
            var bytes = entries.reduce(0) { $0 + $1.size }
            if bytes + size > most {
                for entry in entries.sorted(by: Self.wasUsedBefore)
                where bytes + size > most - limit / 8 {
                    try remove(entry.address)
                    bytes -= entry.size
                }
            }
            written = 0
        }
        return true
    }

    private static func wasUsedBefore(_ a: Entry, _ b: Entry) -> Bool {
        a.used != b.used ? a.used < b.used : a.path < b.path
    }

    /// The entries, and the files that writers left unfinished an hour before the latest use.
    private func contents() throws -> (entries: [Entry], leftovers: [String]) {
        var entries: [Entry] = []
        var unfinished: [(path: String, used: Int)] = []
        guard try fileSystem.kind(of: path) != nil else { return ([], []) }
        for folder in try fileSystem.names(in: path) where folder.utf8.count == 2 {
            for name in try fileSystem.names(in: "\(path)/\(folder)") {
                let file = "\(path)/\(folder)/\(name)"
                guard let status = try fileSystem.status(of: file), status.kind == .file else {
                    continue
                }
                let digits = name.hasSuffix(suffix) ? name.dropLast(suffix.count) : ""
                if let address = BLAKE2b(hex: String(digits)), digits.hasPrefix(folder) {
                    entries.append(
                        Entry(address: address, path: file, size: status.size, used: status.used))
                } else {
                    unfinished.append((file, status.used))
                }
            }
        }
        let latest = entries.map(\.used).max() ?? 0
        let hour = 3600 * 1_000_000_000
        return (entries, unfinished.filter { $0.used < latest - hour }.map(\.path))
    }
}
