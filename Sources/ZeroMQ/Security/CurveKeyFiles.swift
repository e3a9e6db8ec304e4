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
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = unsafe Glibc.read(file, &bytes, bytes.count)
        guard count >= 0, count <= maximumBytes else {
            throw SocketError(.key, "\(path) is not a key file: it is too long or cannot be read.")
        }
        let lines = String(decoding: bytes[..<count], as: UTF8.self)
            .split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        guard lines.count == 1 else {
            throw SocketError(
                .key, "\(path) is not a key file: it has \(lines.count) lines of keys.")
        }
        return String(lines[0])
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
