/// Record of whether a member delivers what it is leased.
///
/// Its session may answer and its progress may grow while it delivers nothing: only results count. A
/// member whose overdue work others had to do is left out for some steps, then for more, and is
/// tried again after that, since its machine may have been slow for a while.
struct Reliability: Sendable {
    private static let forfeitCost = 4
    /// Two forfeits in a row may be a slow first step and a slow network.
    private static let tolerated = 2 * forfeitCost
    private static let worst = 6 * forfeitCost

    /// Grows with each forfeit and falls with each step delivered.
    private var score = 0
    /// The first step of which it is leased work again.
    private var excludedBefore = 0

    /// Whether it has forfeited more than may happen to a sound member.
    var isBad: Bool { score >= Self.tolerated }

    /// Whether it has forfeited anything lately.
    var isDoubtful: Bool { score > 0 }

    /// Whether it is leased no work of a step while others can do it.
    func isExcluded(at step: Int) -> Bool { step < excludedBefore }

    /// Records that others did work of it that was overdue, and that it delivered none of it.
    mutating func recordForfeit(at step: Int) {
        score = min(score + Self.forfeitCost, Self.worst)
        if isBad { excludedBefore = step + 1 + 1 << (score / Self.forfeitCost) }
    }

    /// Records that it delivered all it was leased of a step.
    mutating func recordDelivery() { score = max(0, score - 1) }
}
