/// A socket's encryption, and the check of its peers.
///
/// A CURVE server requires an ``Authenticator``: without one, libzmq encrypts but accepts any key.
package enum Security: Sendable {
    /// Neither encrypted nor authenticated: for connections within one machine.
    case none
    /// Not encrypted; the authenticator decides by the peer's address alone.
    case supervised(Authenticator)
    /// Encrypted with these keys; the authenticator decides by the peer's public key.
    case curveServer(CurveKeyPair, Authenticator)
    /// Encrypted with these keys, for the server that holds the secret half of `server`.
    case curveClient(CurveKeyPair, server: CurvePublicKey)

    var authenticator: Authenticator? {
        switch self {
        case .none, .curveClient: nil
        case .supervised(let authenticator), .curveServer(_, let authenticator): authenticator
        }
    }

    /// Whether bytes are encrypted and peers have keys.
    package var usesCurve: Bool {
        switch self {
        case .none, .supervised: false
        case .curveServer, .curveClient: true
        }
    }

    // libzmq compares MAXMSGSIZE with the encrypted length, so limits must include these bytes.
    /// Bytes that encryption adds to a frame: command name 8, nonce 8, flags 1, authenticator 16.
    static let curveFrameOverhead = 33
}
