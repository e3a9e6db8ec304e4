package import Files
internal import Synchronization

/// A cache of files named by digests, which removes the least recently used ones at a limit.
///
/// Entries are written under temporary names and renamed, so that readers see whole files. They are
/// not made durable: after a power failure an entry may be damaged, which its reader must detect
/// (see ``SealedTensors``). Several processes may share a folder and read, write and remove its
/// entries. Files with other names are never touched: users may choose a folder with files of theirs.
///
/// Entries are grouped in folders by their first two digits, `3f/3f…9a.safetensors`.
package final class EntryStore: Sendable {
    /// The folder.
    package let path: String
    /// The most bytes of all entries; nil for no limit.
    package let limit: Int?
    /// The end of entries' names.
    private let suffix: String

    private let fileSystem: any FileSystem
    /// Bytes written by this store since it last measured the folder; nil before the first time.
    private let writtenSinceCount = Mutex<Int?>(nil)
    private let isFailing = Mutex(false)

    /// An entry in the folder.
    package struct Entry: Sendable {
        /// The digest that names the entry.
        package let address: BLAKE2b
        /// The file.
        package let path: String
        /// The size in bytes.
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

    /// The path of an entry, which need not exist.
    package func path(of address: BLAKE2b) -> String {
        "\(folder(of: address))/\(address.hex)\(suffix)"
    }

    // MARK: - Entries

    /// The bytes of an entry; nil if it does not exist.
    ///
    /// - Parameters:
    ///   - most: the most bytes expected; for a longer entry the call throws without allocating.
    ///   - keepingUse: whether the entry becomes the most recently used one.
    package func read(
        _ address: BLAKE2b, most: Int = .max, keepingUse: Bool = true
    ) throws -> [UInt8]? {
        let path = path(of: address)
        guard try fileSystem.kind(of: path) != nil else { return nil }
        let bytes: [UInt8]
        do {
            bytes = try fileSystem.contents(of: path, limit: most)
        } catch let error as FileError where error.isGone {
            // Another process has removed the entry, or written it again, perhaps on another machine.
            return try? fileSystem.contents(of: path, limit: most)
        } catch {
            guard try fileSystem.kind(of: path) != nil else { return nil }
            throw error
        }
        // Updating the time of use fails in a read-only folder, which may still be read.
        if keepingUse { try? fileSystem.touch(path) }
        return bytes
    }

    /// Whether an entry exists.
    package func contains(_ address: BLAKE2b) throws -> Bool {
        try fileSystem.kind(of: path(of: address)) == .file
    }

    /// Writes an entry in one step, after removing others if necessary.
    ///
    /// - Returns: false, without writing, if the entry exceeds the limit of all entries.
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

    /// Writes an entry if the disk takes it.
    ///
    /// - Returns: the reason for which it was not written, on the first failure after a success: a full
    ///   disk would otherwise be reported for every entry.
    package func writeIfPossible(_ bytes: [UInt8], at address: BLAKE2b) throws -> FileError? {
        do {
            try write(bytes, at: address)
            isFailing.withLock { $0 = false }
            return nil
        } catch let error as FileError {
            return isFailing.withLock { isFailing in
                defer { isFailing = true }
                return isFailing ? nil : error
            }
        }
    }

    /// Removes an entry if it exists.
    package func remove(_ address: BLAKE2b) throws {
        do {
            try fileSystem.removeFile(path(of: address))
        } catch {
            guard try fileSystem.kind(of: path(of: address)) == nil else { throw error }
        }
    }

    /// All entries.
    package func entries() throws -> [Entry] { try contents().entries }

    // MARK: - Space

    // Other processes' entries are seen when the folder is measured: each time this store has
    // written a 64th of the limit. An eighth stays free for what eight processes write in between.
    /// Removes the least recently used entries until one of `size` bytes fits; false if it cannot.
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

    // Killed writers leave unfinished files; one of a living writer is younger.
    /// The entries, and unfinished files that are an hour older than the latest use.
    private func contents() throws -> (entries: [Entry], leftovers: [String]) {
        var entries: [Entry] = []
        var unfinished: [(path: String, used: Int)] = []
        guard try fileSystem.kind(of: path) != nil else { return ([], []) }
        for folder in try fileSystem.names(in: path)
        where folder.utf8.count == 2 && folder.utf8.allSatisfy(TemporaryName.isHexadecimal) {
            for name in try fileSystem.names(in: "\(path)/\(folder)") {
                let file = "\(path)/\(folder)/\(name)"
                guard let status = try fileSystem.status(of: file), status.kind == .file else {
                    continue
                }
                // An entry is its digest and the suffix; an unfinished one has an ending as well.
                let digits = name.prefix { $0 != "." }
                guard digits.hasPrefix(folder), let address = BLAKE2b(hex: String(digits)) else {
                    continue
                }
                let ending = name.dropFirst(digits.count)
                if ending == suffix {
                    entries.append(
                        Entry(address: address, path: file, size: status.size, used: status.used))
                } else if ending.hasPrefix(suffix + "."),
                    TemporaryName.isEnding(ending.dropFirst(suffix.count + 1))
                {
                    unfinished.append((file, status.used))
                }
            }
        }
        let latest = entries.map(\.used).max() ?? 0
        let hour = 3600 * 1_000_000_000
        return (entries, unfinished.filter { $0.used < latest - hour }.map(\.path))
    }
}
