import Glibc

/// The public keys that may join, each with the name of its holder.
package struct AllowList: Sendable, Equatable {
    private var names: [CurvePublicKey: String] = [:]

    /// An empty list.
    package init() {}

    /// The given keys, named by their fingerprints.
    package init(_ keys: [CurvePublicKey]) {
        for key in keys { names[key] = key.fingerprint }
    }

    /// The keys of every `*.pub` file of a folder, named by the files' names without `.pub`.
    ///
    /// Throws ``SocketError`` if one file does not hold a key: if its key were skipped, its worker
    /// would be rejected without a hint at the cause.
    package init(folder path: String) throws(SocketError) {
        guard let folder = unsafe opendir(path) else {
            throw SocketError(
                .key, "The folder of allowed keys \(path) cannot be read: \(KeyFile.reason(errno))."
            )
        }
        defer { unsafe closedir(folder) }
        while let entry = unsafe readdir(folder) {
            let file = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            guard file.hasSuffix(".pub"), !file.hasPrefix(".") else { continue }
            insert(try CurvePublicKey(file: path + "/" + file), name: String(file.dropLast(4)))
        }
    }

    /// Adds a key under a name.
    package mutating func insert(_ key: CurvePublicKey, name: String) { names[key] = name }

    /// The keys with their holders' names, sorted by name.
    package var holders: [(name: String, key: CurvePublicKey)] {
        names.map { (name: $0.value, key: $0.key) }.sorted {
            ($0.name, $0.key.fingerprint) < ($1.name, $1.key.fingerprint)
        }
    }

    /// The number of keys.
    package var count: Int { names.count }

    /// The name of a key's holder, or nil if the key may not join.
    package func name(of key: CurvePublicKey) -> String? { names[key] }

    /// The name of the holder whose key has this fingerprint, or nil if the key may not join.
    package func name(ofUserID userID: String) -> String? {
        names.first { $0.key.fingerprint == userID }?.value
    }
}
