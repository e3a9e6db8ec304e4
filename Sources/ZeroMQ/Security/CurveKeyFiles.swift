import Glibc

/// Key files: one line of Z85, and comment lines that begin with `#`.
///
/// A secret key file has mode 0600 or stricter. A file that the group or others can open is
/// rejected, since its key may have been read. A file of the superuser may have mode 0640 for other
/// users' processes: container runtimes hand out secrets this way.
extension CurveKeyPair {
    /// Reads the pair from a secret key file.
    package init(secretKeyFile path: String) throws(SocketError) {
        let text = try KeyFile.read(path, isSecret: true)
        do throws(SocketError) {
            try self.init(secretKey: CurveSecretKey(z85: text))
        } catch {
            throw SocketError(.key, "\(path) does not hold a CURVE secret key: \(error)")
        }
    }

    /// Replaces the pair in `path` with `.key` and `.pub`, which must exist.
    ///
    /// The former files remain with `.old` after their names, which no coordinator reads. At every
    /// moment each name holds a whole key.
    package func renew(at path: String) throws(SocketError) {
        let names = (secret: path + ".key", open: path + ".pub")
        for name in [names.secret, names.open] where unsafe access(name, F_OK) != 0 {
            throw SocketError(
                .key,
                "\(name) cannot be renewed: \(KeyFile.reason(errno)); give the name of a pair.")
        }
        let new = path + ".new"
        for name in [new + ".key", new + ".pub"] { _ = unsafe unlink(name) }
        try write(to: new)
        for (name, next) in [(names.open, new + ".pub"), (names.secret, new + ".key")] {
            _ = unsafe unlink(name + ".old")
            guard unsafe link(name, name + ".old") == 0, unsafe rename(next, name) == 0 else {
                let number = errno
                for name in [new + ".key", new + ".pub"] { _ = unsafe unlink(name) }
                // A pair of two generations would be of no use.
                if name == names.secret { _ = unsafe rename(names.open + ".old", names.open) }
                throw SocketError(.key, "\(name) cannot be replaced: \(KeyFile.reason(number)).")
            }
        }
    }

    /// Writes `path` with `.key` (the secret, mode 0600) and `path` with `.pub` (the public half).
    ///
    /// Neither file may exist. If one cannot be written, neither remains.
    package func write(to path: String) throws(SocketError) {
        let secret = path + ".key"
        try KeyFile.write(
            "# denju CURVE secret key: do not share it.\n\(secretKey.z85)\n", to: secret,
            mode: 0o600)
        do throws(SocketError) {
            try publicKey.write(to: path + ".pub")
        } catch {
            _ = unsafe unlink(secret)
            throw error
        }
    }
}

extension CurvePublicKey {
    /// Reads a public key file.
    package init(file path: String) throws(SocketError) {
        let text = try KeyFile.read(path, isSecret: false)
        do throws(SocketError) {
            try self.init(z85: text)
        } catch {
            throw SocketError(.key, "\(path) does not hold a CURVE public key: \(error)")
        }
        // Numbers of 255 bits: of secret keys without a comment, every second one is recognised.
        guard bytes[31] & 0x80 == 0 else {
            throw SocketError(
                .key,
                "\(path) does not hold a CURVE public key, but perhaps a secret one: give the file that "
                    + "ends in .pub.")
        }
    }

    /// Writes a public key file, which must not exist.
    package func write(to path: String) throws(SocketError) {
        try KeyFile.write(
            "# denju CURVE public key \(fingerprint)\n\(z85)\n", to: path, mode: 0o644)
    }
}

/// Reading and writing of key files.
package enum KeyFile {
    private static let maximumBytes = 4096

    /// The one line of a file that is not a comment.
    static func read(_ path: String, isSecret: Bool) throws(SocketError) -> String {
        let (text, status) = try contents(of: path)
        // What the file is comes before its mode: advice on the mode of a public key would mislead.
        let line = try KeyFileContent(text).key(in: path, isSecret: isSecret)
        let mode = status.st_mode & 0o777
        guard !isSecret || isSafe(mode: mode, owner: status.st_uid, reader: geteuid()) else {
            throw SocketError(
                .key,
                """
                \(path) holds a secret key but others can open it (mode \
                0\(String(mode, radix: 8))): generate a new key, or if no one has read it, run \
                chmod 600 \(path).
                """)
        }
        return line
    }

    private static func contents(
        of path: String
    ) throws(SocketError) -> (text: String, status: stat) {
        // Without O_NONBLOCK, opening a named pipe would wait for its writer.
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            throw SocketError(.key, "\(path) cannot be opened: \(reason(errno)).")
        }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SocketError(.key, "\(path) is not a file.")
        }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = unsafe Glibc.read(file, &bytes, bytes.count)
        guard count >= 0, count <= maximumBytes else {
            throw SocketError(.key, "\(path) is not a key file: it is too long or cannot be read.")
        }
        return (String(decoding: bytes[..<count], as: UTF8.self), status)
    }

    /// Whether a file of this mode keeps a secret from other users.
    package static func isSafe(mode: UInt32, owner: UInt32, reader: UInt32) -> Bool {
        mode & (owner == 0 && reader != 0 ? 0o037 : 0o077) == 0
    }

    static func write(_ text: String, to path: String, mode: mode_t) throws(SocketError) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else {
            throw SocketError(.key, "\(path) cannot be created: \(reason(errno)).")
        }
        let bytes = Array(text.utf8)
        let isWritten = unsafe Glibc.write(file, bytes, bytes.count) == bytes.count
        let isKept = fsync(file) == 0
        let isClosed = close(file) == 0
        guard isWritten, isKept, isClosed else {
            let number = errno
            _ = unsafe unlink(path)
            throw SocketError(.key, "\(path) cannot be written: \(reason(number)).")
        }
    }

    static func reason(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
