/// The loop of the ZAP handler, which answers every request exactly once.
final class AuthenticatorThread {
    private let socket: Socket
    private let waker: Waker
    private let rules: Rules
    private let onDecision: @Sendable (Authenticator.Decision) -> Void

    init(
        socket: consuming Socket, waker: Waker, rules: Rules,
        onDecision: @escaping @Sendable (Authenticator.Decision) -> Void
    ) {
        self.socket = socket
        self.waker = waker
        self.rules = rules
        self.onDecision = onDecision
    }

    /// Answers requests until the authenticator stops.
    func run() {
        // No error ends the loop: without a handler, libzmq admits every peer.
        var poller = Poller(waker: waker)
        _ = poller.add(socket)
        while !rules.isStopped {
            _ = try? poller.wait(upTo: .seconds(1))
            while let message = try? socket.receive() {
                let (answer, decision) = answer(to: message)
                if let decision { onDecision(decision) }
                try? socket.send(answer.map { Frame(Array($0.utf8)) })
            }
        }
    }

    private func answer(
        to message: Multipart
    ) -> (frames: [String], decision: Authenticator.Decision?) {
        guard let request = AccessRequest(message) else {
            return (["1.0", "", "500", "Malformed request", "", ""], nil)
        }
        let decision = rules.decide(request)
        let frames =
            decision.isAccepted
            ? ["1.0", request.id, "200", "OK", decision.fingerprint ?? "", ""]
            : ["1.0", request.id, "400", "Not allowed", "", ""]
        return (frames, decision)
    }
}

/// A request of ZeroMQ RFC 27 to admit a peer.
struct AccessRequest {
    let id: String
    let address: String
    let mechanism: String
    let credentials: [Frame]

    /// Reads a request; nil if the frames are not one.
    init?(_ message: Multipart) {
        let frames = message.frames
        guard frames.count >= 6, message.discardedFrames == 0,
            frames[0].bytes == Array("1.0".utf8)
        else { return nil }
        func text(_ place: Int) -> String { String(decoding: frames[place].bytes, as: UTF8.self) }
        id = text(1)
        address = text(3)
        mechanism = text(5)
        credentials = Array(frames[6...])
    }
}

extension Rules {
    /// Decides a request by the current rules.
    func decide(_ request: AccessRequest) -> Authenticator.Decision {
        switch request.mechanism {
        case "CURVE" where request.credentials.count == 1:
            guard let key = CurvePublicKey(bytes: request.credentials[0].bytes) else {
                return refusal(request, "\(request.address) sent a malformed key.")
            }
            guard let name = allowList.name(of: key) else {
                return refusal(
                    request, key: key,
                    "\(request.address) has the key \(key), which is not on the list of allowed keys."
                )
            }
            return Authenticator.Decision(
                isAccepted: true, address: request.address, fingerprint: key.fingerprint,
                name: name, reason: "\(request.address) has the key \(key) of \(name).")
        case "NULL" where request.credentials.isEmpty:
            let isAccepted =
                switch plainPeers {
                case .refused: false
                case .local: Endpoint.isLoopback(request.address) || request.address.isEmpty
                case .all: true
                }
            guard isAccepted else {
                return refusal(request, "\(request.address) has no key.")
            }
            return Authenticator.Decision(
                isAccepted: true, address: request.address, fingerprint: nil, name: nil,
                reason: "\(request.address) needs no key.")
        default:
            return refusal(
                request, "\(request.address) uses the mechanism \(request.mechanism), not CURVE.")
        }
    }

    private func refusal(
        _ request: AccessRequest, key: CurvePublicKey? = nil, _ reason: String
    ) -> Authenticator.Decision {
        Authenticator.Decision(
            isAccepted: false, address: request.address, fingerprint: key?.fingerprint, name: nil,
            reason: reason)
    }
}
