import ZeroMQ

extension WorkerListener {
    /// Whether the owner of a key may take part now.
    func mayJoin(_ userID: String?) -> Bool { keys?.admits(userID) ?? true }

    /// Follows changes of the keys, and reports rejected ones.
    func reloadKeys() {
        guard let keys else { return }
        for event in keys.takeRejections() { remark("\(event)", event) }
        let (events, ownKey) = keys.reload()
        for event in events { delegate?.record(event) }
        if let ownKey {
            do {
                try transport.replaceKeys(ownKey)
                // Only now do clients need it.
                delegate?.record(.ownKeyChanged(fingerprint: ownKey.publicKey.fingerprint))
            } catch {
                delegate?.record(.keysUnusable("\(error)"))
            }
        }
        for peer in peers.all where !mayJoin(peer.userID) {
            lose(peer.id, .keyRevoked(peer.userID ?? ""))
            if let connection = peer.connection { close(connection) }
        }
    }
}
