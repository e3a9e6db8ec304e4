import Dispatch
import Synchronization

/// Threads that share one computation where its parts do not depend on one another: the rows of an
/// operation, the curves of a cloud.
///
/// Every part is computed as one thread alone would compute it, so a team changes the time and no
/// bit of a result. It is for labelling a scan as fast as possible. Training has no use for it:
/// there a micro-shard is one thread's work, and several micro-shards are the parallelism.
///
///     let labels = ThreadTeam(threads: 2).working { network(scene, pass) }
public struct ThreadTeam: Sendable {
    /// How many threads, the calling one included.
    public let threads: Int
    /// Operations a thread must have to do before it is worth waking.
    private let leastWork: Int
    /// Ranges of rows begin at multiples of this at the coarsest.
    private let grain: Int

    /// The team that works for the calling thread; nil where it works alone.
    @TaskLocal private static var current: ThreadTeam?

    /// A team of so many threads; they come from the system's pool when there is work.
    public init(threads: Int) {
        self.init(threads: threads, leastWork: 2_000_000, grain: .max)
    }

    /// A team that shares even work too small to be worth it: for tests.
    package init(threads: Int, leastWork: Int, grain: Int) {
        precondition(threads > 0, "A team of \(threads) threads.")
        self.threads = threads
        self.leastWork = leastWork
        self.grain = grain
    }

    /// Calls `body`, whose operations this team shares.
    public func working<Result>(_ body: () throws -> Result) rethrows -> Result {
        try Self.$current.withValue(threads > 1 ? self : nil, operation: body)
    }

    /// Calls `body` with each of 0 ..< parts once, on the threads of the team at work here; without
    /// one, on the calling thread in order.
    ///
    /// Parts must not depend on one another. What `body` itself would share, it computes alone.
    public static func forEach(_ parts: Int, _ body: @Sendable (Int) -> Void) {
        guard let team = current, parts > 1 else {
            for part in 0..<parts { body(part) }
            return
        }
        let next = Atomic(0)
        $current.withValue(nil) {
            DispatchQueue.concurrentPerform(iterations: min(team.threads, parts)) { _ in
                while true {
                    let part = next.add(1, ordering: .relaxed).oldValue
                    guard part < parts else { return }
                    body(part)
                }
            }
        }
    }

    /// What `body` gives for each of 0 ..< parts, in that order; shared as by ``forEach(_:_:)``.
    public static func map<Result: Sendable>(
        _ parts: Int, _ body: @Sendable (Int) -> Result
    ) -> [Result] {
        let results = Mutex([Result?](repeating: nil, count: parts))
        forEach(parts) { part in
            let result = body(part)
            results.withLock { $0[part] = result }
        }
        return results.withLock { $0.map { $0! } }
    }

    /// Calls `body` with ranges that together are `0 ..< rows`: all of it at once without a team,
    /// else as many as keep the threads evenly busy.
    ///
    /// - Parameters:
    ///   - rows: how many.
    ///   - operations: what a row costs, in floating-point operations; about sixteen for each value
    ///     that only goes through memory.
    ///   - grain: ranges begin at multiples of it. 48 rows are whole tiles of the kernels and whole
    ///     lines of the cache.
    static func forRows(
        _ rows: Int, operations: Int, grain: Int = 48, _ body: @Sendable (Range<Int>) -> Void
    ) {
        let worthwhile = current.map { rows * operations / max($0.leastWork, 1) } ?? 0
        guard let team = current, worthwhile > 1, rows > 1 else { return body(0..<rows) }
        let blocks = min(4 * team.threads, worthwhile)
        let grain = min(grain, team.grain)
        let size = ((rows + blocks - 1) / blocks + grain - 1) / grain * grain
        forEach((rows + size - 1) / size) { body($0 * size..<min(($0 + 1) * size, rows)) }
    }
}
