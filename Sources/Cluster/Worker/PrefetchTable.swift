/// Work that is prepared before its step begins, each piece by one thread.
///
/// Whoever wants a piece that is still being prepared leaves what it would do with it, and the
/// thread that prepares it does that too: nobody waits, and nothing is made twice.
package struct PrefetchTable<Prepared: Sendable>: Sendable {
    /// What is done with a piece; nil stands for one that could not be prepared.
    package typealias Successor = @Sendable (Prepared?) -> Void

    /// A micro-shard of a step.
    package struct Key: Hashable, Sendable {
        package let step: Int
        package let shard: Int

        package init(step: Int, shard: Int) {
            self.step = step
            self.shard = shard
        }
    }

    /// What becomes of a wish.
    package enum Answer {
        /// Here it is.
        case ready(Prepared)
        /// The thread that is at it goes on with what was to follow.
        case underWay
        /// Nobody has begun.
        case absent
    }

    private enum State {
        case underWay(then: Successor?)
        case ready(Prepared)
    }

    private var states: [Key: State] = [:]

    package init() {}

    /// Marks a micro-shard as being prepared; false if that has been done before.
    package mutating func begin(_ key: Key) -> Bool {
        guard states[key] == nil else { return false }
        states[key] = .underWay(then: nil)
        return true
    }

    /// Puts down what was prepared; what the thread is to go on with, if somebody has wanted it
    /// meanwhile.
    package mutating func end(_ key: Key, with prepared: Prepared?) -> Successor? {
        guard case .underWay(let successor) = states.removeValue(forKey: key) else { return nil }
        if successor == nil, let prepared { states[key] = .ready(prepared) }
        return successor
    }

    /// Takes out what was prepared, or leaves what is to follow once it is.
    package mutating func take(_ key: Key, then successor: @escaping Successor) -> Answer {
        switch states[key] {
        case nil: return .absent
        case .underWay:
            states[key] = .underWay(then: successor)
            return .underWay
        case .ready(let prepared):
            states[key] = nil
            return .ready(prepared)
        }
    }

    /// What was prepared, left where it is; nil if it is not there.
    package func made(_ key: Key) -> Prepared? {
        guard case .ready(let prepared) = states[key] else { return nil }
        return prepared
    }

    /// How many pieces of steps after this one are there or on their way.
    package func count(after step: Int) -> Int { states.keys.count { $0.step > step } }

    /// Drops what belongs to steps before this one.
    package mutating func forget(before step: Int) {
        states = states.filter { $0.key.step >= step }
    }
}
