import Glibc

/// The public keys that may join, and what their holders are called.
package struct AllowList: Sendable, Equatable {
    private var names: [CurvePublicKey: String] = [:]

    /// Nobody.
    package init() {}

    /// The given keys, called by their fingerprints.
    package init(_ keys: [CurvePublicKey]) {
        for key in keys { names[key] = key.fingerprint }
    }

    /// The keys of every `*.pub` file of a folder, called by the files' names without `.pub`.
    ///
    /// One file that is not a key refuses the whole folder: a worker must not be missing in
    /// silence.
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

    /// Lets a key in under a name.
    package mutating func insert(_ key: CurvePublicKey, name: String) { names[key] = name }

    /// The keys with their holders' names, by name.
    package var holders: [(name: String, key: CurvePublicKey)] {
        names.map { (name: $0.value, key: $0.key) }.sorted {
            ($0.name, $0.key.fingerprint) < ($1.name, $1.key.fingerprint)
        }
    }

    /// How many keys.
    package var count: Int { names.count }

    /// The name of a key's holder, or nil if the key may not join.
    package func name(of key: CurvePublicKey) -> String? { names[key] }

    /// The name of whom the User-Id stands for, or nil if it may not (or no longer) join.
    package func name(ofUserID userID: String) -> String? {
        names.first { $0.key.fingerprint == userID }?.value
    }
}
