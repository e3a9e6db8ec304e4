/// The text of a file that should hold a key, by its content.
///
/// A key's two halves look alike; the comments that `denju keys` writes tell them apart.
enum KeyFileContent: Equatable {
    /// A line that may be a key, with the half that a comment states.
    case line(String, isSecret: Bool?)
    /// Keys of another program, or none; the value continues a sentence after the file's name.
    case other(String)

    private static let secretComment = "# denju CURVE secret key"
    private static let publicComment = "# denju CURVE public key"

    init(_ text: String) {
        let all = text.split(whereSeparator: \.isNewline)
        let lines = all.filter { !$0.hasPrefix("#") }
        let isPEM = text.contains("-----BEGIN ")
        let isCertificate = lines.contains {
            $0.contains("public-key") || $0.contains("secret-key")
        }
        if isPEM || lines.contains(where: { $0.hasPrefix("ssh-") || $0.hasPrefix("ecdsa-") }) {
            self = .other("is a key for SSH or TLS")
        } else if isCertificate {
            self = .other("is a certificate of another ZeroMQ program")
        } else if lines.isEmpty {
            self = .other("is empty")
        } else if lines.count > 1 {
            self = .other("has \(lines.count) lines of keys")
        } else {
            let isMarkedSecret = all.contains { $0.hasPrefix(Self.secretComment) }
            let isMarkedPublic = all.contains { $0.hasPrefix(Self.publicComment) }
            self = .line(
                String(lines[0]), isSecret: isMarkedSecret == isMarkedPublic ? nil : isMarkedSecret)
        }
    }

    /// The line with the key of the wanted half; throws if the file is known to hold something else.
    func key(in path: String, isSecret: Bool) throws(SocketError) -> String {
        switch self {
        case .other(let clause):
            throw SocketError(
                .key, "\(path) is not a key file: it \(clause); make a pair with `denju keys`.")
        case .line(_, isSecret: true?) where !isSecret:
            throw SocketError(
                .key,
                "\(path) holds a secret key, but a public key is expected: give the file that ends in "
                    + ".pub, and renew the pair if others can read this one.")
        case .line(_, isSecret: false?) where isSecret:
            throw SocketError(
                .key,
                "\(path) holds a public key, but a secret key is expected: give the file that ends in "
                    + ".key.")
        case .line(let line, _): return line
        }
    }
}
