/// Seconds per micro-shard of the active members that deliver, as far as they are known.
///
/// Sorted once: a thousand members are compared with all others at each tick.
struct ShardTimesOfMembers {
    private let sorted: [Double]

    /// The times of the members now.
    init(_ membership: Membership) {
        sorted = membership.active.compactMap { Self.time(of: membership[$0]!) }.sorted()
    }

    // What is recorded of forfeited work measures how long others had to wait.
    private static func time(of member: Member) -> Double? {
        member.reliability.isDoubtful ? nil : member.knownSecondsPerShard
    }

    /// The median of the other members' times; nil if none is known.
    func median(without member: Member) -> Double? {
        guard let own = Self.time(of: member) else {
            return sorted.isEmpty ? nil : sorted[(sorted.count - 1) / 2]
        }
        guard sorted.count > 1 else { return nil }
        let middle = (sorted.count - 2) / 2
        // Without its own time, those above it move down by one place.
        return sorted[middle] < own ? sorted[middle] : sorted[middle + 1]
    }
}
