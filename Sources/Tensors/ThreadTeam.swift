import Dispatch
import Synchronization

/// Threads that share one computation with independent parts: the rows of an operation, the curves of
/// a cloud.
///
/// Every part is computed as by a single thread, so a team changes the time and no bit of a result.
/// A team reduces the latency of labelling a scan. Training does not use teams: a micro-shard is
/// computed by one thread, and several micro-shards are computed at once.
///
///     let labels = ThreadTeam(threads: 2).working { network(scene, context) }
public struct ThreadTeam: Sendable {
    /// The number of threads, the calling one included.
    public let threads: Int
    /// The operations for which waking a thread pays.
    private let leastWork: Int
    /// The largest multiple at which ranges of rows begin.
    private let grain: Int

    /// The team of the calling thread; nil if the thread computes alone.
    @TaskLocal private static var current: ThreadTeam?

    /// A team of the given number of threads, which the system's pool provides when there is work.
    public init(threads: Int) {
        self.init(threads: threads, leastWork: 2_000_000, grain: .max)
    }

    /// A team that shares even small amounts of work, for tests.
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

    /// Calls `body` with each of 0 ..< parts once, on the threads of the current team; without a team,
    /// on the calling thread in order.
    ///
    /// Parts must be independent. Computations inside `body` are not shared further.
    public static func forEach(_ parts: Int, _ body: @Sendable (Int) -> Void) {
        guard let team = current, parts > 1 else {
            for part in 0..<parts { body(part) }
            return
        }
        let next = Atomic(0)
        // Without a team inside: nested sharing would wait for threads that are already busy.
        $current.withValue(nil) {
            DispatchQueue.concurrentPerform(iterations: min(team.threads, parts)) { _ in
                while true {
                    // Taken one by one: threads that are interrupted take fewer parts.
                    let part = next.add(1, ordering: .relaxed).oldValue
                    guard part < parts else { return }
                    body(part)
                }
            }
        }
    }

    /// The results of `body` for each of 0 ..< parts, in that order; shared as by ``forEach(_:_:)``.
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

    /// Calls `body` with ranges that together are `0 ..< rows`: a single one without a team, else
    /// enough of them to balance the threads.
    ///
    /// - Parameters:
    ///   - rows: the number of rows.
    ///   - operations: the cost of a row in floating-point operations; about sixteen for each value
    ///     that is only copied.
    ///   - grain: the multiple at which ranges begin. 48 rows are whole tiles of the kernels and whole
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
