import CZeroMQ

/// The public half of a CURVE key pair, which identifies its holder.
package struct CurvePublicKey: Hashable, Sendable, CustomStringConvertible {
    let lanes: SIMD32<UInt8>

    /// A key of 32 bytes; nil for any other number.
    package init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        lanes = SIMD32(bytes)
    }

    /// A key from its 40 characters of Z85 (ZeroMQ RFC 32).
    package init(z85: String) throws(SocketError) {
        guard let bytes = decodeZ85(z85) else {
            throw SocketError(.key, "A CURVE public key is 40 characters of Z85; this text is not.")
        }
        lanes = SIMD32(bytes)
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { lanes.indices.map { lanes[$0] } }

    /// The 40 characters of Z85.
    package var z85: String { encodeZ85(bytes) }

    /// The key's name in logs and as User-Id: its first 128 bits as 32 hexadecimal digits.
    package var fingerprint: String {
        bytes.prefix(16).map { byte in
            let digits = String(byte, radix: 16)
            return byte < 16 ? "0" + digits : digits
        }.joined()
    }

    /// The ``fingerprint``.
    package var description: String { fingerprint }
}

/// The secret half of a CURVE key pair; its descriptions do not reveal it.
package struct CurveSecretKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let lanes: SIMD32<UInt8>

    /// A key from its 40 characters of Z85.
    package init(z85: String) throws(SocketError) {
        guard let bytes = decodeZ85(z85) else {
            throw SocketError(.key, "A CURVE secret key is 40 characters of Z85; this text is not.")
        }
        lanes = SIMD32(bytes)
    }

    var bytes: [UInt8] { lanes.indices.map { lanes[$0] } }

    /// The 40 characters of Z85, for key files only.
    package var z85: String { encodeZ85(bytes) }

    /// A placeholder.
    package var description: String { "(secret)" }

    /// An empty mirror.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A public key and its secret key (Curve25519).
package struct CurveKeyPair: Sendable {
    /// The half that peers know.
    package let publicKey: CurvePublicKey
    /// The half that only the holder knows.
    package let secretKey: CurveSecretKey

    /// The pair that a secret key belongs to.
    package init(secretKey: CurveSecretKey) throws(SocketError) {
        try Self.requireCurve()
        var text = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_curve_public(&text, secretKey.z85) == 0 else {
            throw SocketError(errno: zmq_errno(), "The secret key has no public key")
        }
        publicKey = try CurvePublicKey(z85: string(text))
        self.secretKey = secretKey
    }

    /// A new pair from the system's random numbers.
    package static func generate() throws(SocketError) -> CurveKeyPair {
        try requireCurve()
        var open = [CChar](repeating: 0, count: 41)
        var secret = [CChar](repeating: 0, count: 41)
        guard unsafe zmq_curve_keypair(&open, &secret) == 0 else {
            throw SocketError(errno: zmq_errno(), "A CURVE key pair cannot be generated")
        }
        return try CurveKeyPair(secretKey: CurveSecretKey(z85: string(secret)))
    }

    static func requireCurve() throws(SocketError) {
        guard unsafe zmq_has("curve") == 1 else {
            throw SocketError(
                .key,
                "This libzmq was built without CURVE: install one that is linked to libsodium.")
        }
    }
}

private func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

private func encodeZ85(_ bytes: [UInt8]) -> String {
    var text = [CChar](repeating: 0, count: bytes.count / 4 * 5 + 1)
    _ = unsafe zmq_z85_encode(&text, bytes, bytes.count)
    return string(text)
}

/// The 32 bytes of a key, or nil if the text is not one.
private func decodeZ85(_ text: String) -> [UInt8]? {
    guard text.utf8.count == 40 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 32)
    // libzmq 4.3.4 decodes some texts that are not Z85: the bytes must encode to the same text.
    guard unsafe zmq_z85_decode(&bytes, text) != nil, encodeZ85(bytes) == text else { return nil }
    return bytes
}
