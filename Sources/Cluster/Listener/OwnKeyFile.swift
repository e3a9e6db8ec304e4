import Synchronization
package import ZeroMQ

/// File of a listener's secret key, read again while the run continues.
///
/// Connections that exist keep the keys of their handshake; later ones require the new key.
package final class OwnKeyFile: Sendable {
    private let path: String
    private let state: Mutex<(stamp: FileStamp?, key: CurvePublicKey)>
    /// The pair that it held at first.
    package let pair: CurveKeyPair

    /// Reads a secret key file.
    package init(_ path: String) throws(SocketError) {
        self.path = path
        let stamp = FileStamp(path)
        pair = try CurveKeyPair(secretKeyFile: path)
        state = Mutex((stamp, pair.publicKey))
    }

    /// The pair, if it differs from the one read before.
    ///
    /// Throws ``SocketError`` once for each state of the file that cannot be used.
    func change() throws -> CurveKeyPair? {
        let stamp = FileStamp(path)
        let isChanged = state.withLock { state in
            defer { state.stamp = stamp }
            return state.stamp != stamp
        }
        guard isChanged else { return nil }
        let pair = try CurveKeyPair(secretKeyFile: path)
        return state.withLock { state in
            guard state.key != pair.publicKey else { return nil }
            state.key = pair.publicKey
            return pair
        }
    }
}
