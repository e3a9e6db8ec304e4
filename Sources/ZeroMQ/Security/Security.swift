/// Who a socket's peers may be, and whether anybody else can listen.
///
/// A CURVE server cannot be made without an ``Authenticator``: without one libzmq would encrypt,
/// but accept any key.
package enum Security: Sendable {
    /// Neither encrypted nor authenticated: for one machine, within it.
    case none
    /// Not encrypted; the authenticator decides by address, and is told nothing else.
    case supervised(Authenticator)
    /// Encrypted, with these keys; the authenticator decides by the peer's public key.
    case curveServer(CurveKeyPair, Authenticator)
    /// Encrypted, with these keys, to the server that holds the secret half of `server`.
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

    /// What encryption adds to a frame: command name 8, nonce 8, flags 1, authenticator 16.
    static let curveFrameOverhead = 33
}
