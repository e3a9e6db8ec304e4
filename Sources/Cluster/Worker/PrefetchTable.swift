/// A table of work that is prepared before its step begins, each piece by one thread.
///
/// A thread that needs a piece still being prepared registers a continuation, which the preparing
/// thread runs: no thread waits, and nothing is prepared twice. Threads have a generation; pieces that
/// an older generation is still preparing can be abandoned, and are then prepared anew.
package struct PrefetchTable<Prepared: Sendable>: Sendable {
    /// A continuation that receives a piece; nil if it could not be prepared.
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

    /// The state of a requested piece.
    package enum Answer {
        /// The piece, which is removed from the table.
        case ready(Prepared)
        /// The thread that prepares the piece will run the continuation.
        case underWay
        /// No thread has begun to prepare the piece.
        case absent
    }

    private enum State {
        case underWay(generation: Int, then: Successor?)
        case ready(Prepared)
    }

    private var states: [Key: State] = [:]

    package init() {}

    /// Marks a micro-shard as being prepared; false if it was marked before.
    ///
    /// - Parameter generation: the generation of the preparing thread.
    package mutating func begin(_ key: Key, generation: Int) -> Bool {
        guard states[key] == nil else { return false }
        states[key] = .underWay(generation: generation, then: nil)
        return true
    }

    /// Stores a prepared piece, unless a continuation waits for it.
    ///
    /// - Parameter generation: the generation with which preparing began; a piece that was abandoned in
    ///   the meantime is dropped.
    /// - Returns: the continuation, which the caller must run with the piece.
    package mutating func end(
        _ key: Key, generation: Int, with prepared: Prepared?
    ) -> Successor? {
        guard case .underWay(generation, let successor) = states[key] else { return nil }
        states[key] = successor == nil ? prepared.map(State.ready) : nil
        return successor
    }

    /// Abandons the pieces that older generations of threads are still preparing.
    ///
    /// - Returns: the continuations of these pieces, which the caller must run without a piece.
    package mutating func abandon(before generation: Int) -> [Successor] {
        var successors: [Successor] = []
        for case (let key, .underWay(let old, let successor)) in states where old < generation {
            states[key] = nil
            if let successor { successors.append(successor) }
        }
        return successors
    }

    /// Removes a prepared piece, or registers a continuation if it is being prepared.
    package mutating func take(_ key: Key, then successor: @escaping Successor) -> Answer {
        switch states[key] {
        case nil: return .absent
        case .underWay(let generation, _):
            states[key] = .underWay(generation: generation, then: successor)
            return .underWay
        case .ready(let prepared):
            states[key] = nil
            return .ready(prepared)
        }
    }

    /// A prepared piece, which remains in the table; nil if it is not ready.
    package func prepared(_ key: Key) -> Prepared? {
        guard case .ready(let prepared) = states[key] else { return nil }
        return prepared
    }

    /// The number of pieces, ready or under way, of steps after the given one.
    package func count(after step: Int) -> Int { states.keys.count { $0.step > step } }

    /// Drops pieces of steps before the given one.
    package mutating func forget(before step: Int) {
        states = states.filter { $0.key.step >= step }
    }
}
