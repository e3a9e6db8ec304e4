/// Workers that delivered nothing, or failed, before they connected anew: for a while they receive no
/// work while there are others.
///
/// Without it, such a worker would be leased work as often as it connects. Pure; time is an argument.
struct Demotions {
    // More identities than these can only be invented ones.
    private static let most = 1000
    // A key whose holders were demoted under so many names is demoted as a whole.
    private static let namesPerKey = 4

    private var until: [String: Duration] = [:]
    private var names: [String: Int] = [:]

    /// Records a worker that must wait until a time.
    mutating func record(_ peer: Peers.Peer, until end: Duration, at now: Duration) {
        remove(before: now)
        guard end > now else { return }
        if until.count >= Self.most, let first = until.min(by: { $0.value < $1.value }) {
            forget(first.key)
        }
        if until.updateValue(end, forKey: peer.identity) == nil {
            names[Self.key(peer.identity), default: 0] += 1
        }
    }

    /// Whether a worker must wait.
    func contains(_ peer: Peers.Peer, at now: Duration) -> Bool {
        if let end = until[peer.identity] { return now < end }
        guard peer.userID != nil else { return false }
        let key = Self.key(peer.identity)
        return names[key, default: 0] >= Self.namesPerKey
            && until.contains { Self.key($0.key) == key && now < $0.value }
    }

    private mutating func remove(before now: Duration) {
        for identity in until.filter({ $0.value <= now }).keys { forget(identity) }
    }

    private mutating func forget(_ identity: String) {
        until[identity] = nil
        let key = Self.key(identity)
        names[key] = names[key].flatMap { $0 > 1 ? $0 - 1 : nil }
    }

    private static func key(_ identity: String) -> String {
        String(identity.prefix { $0 != " " })
    }
}
