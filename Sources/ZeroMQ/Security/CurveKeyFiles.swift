import Glibc

/// Keys in files: one line of Z85, and lines of remarks that begin with `#`.
///
/// A secret key file has mode 0600 or stricter; one that the group or others can open is refused,
/// since its key must be taken for known. One that the superuser owns may be readable (0640) by the
/// group of a process that is not the superuser's: so are secrets handed to containers.
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
    /// Neither may exist; nothing is left behind if either cannot be written.
    package func write(to path: String) throws(SocketError) {
        let secret = path + ".key"
        try KeyFile.write(
            "# denju CURVE secret key: whoever has it is you.\n\(secretKey.z85)\n", to: secret,
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

package enum KeyFile {
    private static let maximumBytes = 4096

    /// The one line that is not a remark.
    static func read(_ path: String, isSecret: Bool) throws(SocketError) -> String {
        // Not blocking, or a named pipe would be waited for.
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
                0\(String(mode, radix: 8))): make a new key, or if nobody has read it, say \
                chmod 600 \(path).
                """)
        }
        var bytes = [UInt8](repeating: 0, count: maximumBytes + 1)
        let count = unsafe Glibc.read(file, &bytes, bytes.count)
        guard count >= 0, count <= maximumBytes else {
            throw SocketError(.key, "\(path) is not a key file: it is too long, or cannot be read.")
        }
        let lines = String(decoding: bytes[..<count], as: UTF8.self)
            .split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("#") }
        guard lines.count == 1 else {
            throw SocketError(
                .key, "\(path) is not a key file: it has \(lines.count) lines of keys.")
        }
        return String(lines[0])
    }

    /// Whether a secret in a file of this mode is known to nobody else.
    package static func isSafe(mode: UInt32, owner: UInt32, reader: UInt32) -> Bool {
        mode & (owner == 0 && reader != 0 ? 0o037 : 0o077) == 0
    }

    static func write(_ text: String, to path: String, mode: mode_t) throws(SocketError) {
        let file = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else {
            throw SocketError(.key, "\(path) cannot be made: \(reason(errno)).")
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
