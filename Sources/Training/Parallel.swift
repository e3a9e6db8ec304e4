import Dispatch
import Synchronization
import Tensors

private struct ParallelState<Result: Sendable>: Sendable {
    var next = 0
    var results: [Result?]
    var failure: (any Error)?
}

/// Calls `body` with 0 ..< count on so many threads and returns the results in that order.
///
/// If there are more threads than calls, several threads share the work of a call. The first error ends
/// the work and is thrown.
package func parallel<Result: Sendable>(
    _ count: Int, threads: Int, _ body: @escaping @Sendable (Int) throws -> Result
) throws -> [Result] {
    let state = Mutex(ParallelState<Result>(results: Array(repeating: nil, count: count)))
    // Threads beyond the number of calls would idle; they join the calls' own parallel loops instead.
    let atOnce = max(1, min(threads, count))
    let team = ThreadTeam(threads: max(1, threads / atOnce))
    DispatchQueue.concurrentPerform(iterations: atOnce) { _ in
        while true {
            let index = state.withLock { state -> Int? in
                guard state.failure == nil, state.next < count else { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let index else { return }
            do {
                let result = try team.working { try body(index) }
                state.withLock { $0.results[index] = result }
            } catch {
                // The first failure is kept: later ones are often its consequences.
                state.withLock { $0.failure = $0.failure ?? error }
            }
        }
    }
    return try state.withLock { state in
        if let failure = state.failure { throw failure }
        return state.results.map { $0! }
    }
}
