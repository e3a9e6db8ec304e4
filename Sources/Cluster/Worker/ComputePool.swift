import Foundation
import Synchronization

/// A fixed number of threads that do jobs in the order they come.
///
/// Threads of our own, not the cooperative pool's: a job is seconds of arithmetic with buffers from
/// its thread's own pool. A job given as `idle` runs only when no other waits.
final class ComputePool: Sendable {
    typealias Job = @Sendable () -> Void

    private struct Queue {
        var jobs: [Job] = []
        var idle: [Job] = []
        var isClosed = false
    }

    private final class Gate: @unchecked Sendable {
        let condition = NSCondition()
        var queue = Queue()
    }

    private let gate = Gate()
    /// How many threads there are.
    let threads: Int

    /// Starts the threads.
    init(threads: Int) {
        self.threads = threads
        for number in 0..<threads {
            let thread = Thread { [gate] in Self.work(gate) }
            thread.name = "denju compute \(number)"
            thread.stackSize = 16 << 20
            thread.start()
        }
    }

    deinit { close() }

    /// Adds a job behind those that wait.
    func submit(_ job: @escaping Job) { add { $0.jobs.append(job) } }

    /// Adds a job for a moment when nothing else waits.
    ///
    /// Earlier idle jobs that have not begun are dropped if `replacing`.
    func submitIdle(replacing: Bool = false, _ job: @escaping Job) {
        add {
            if replacing { $0.idle.removeAll() }
            $0.idle.append(job)
        }
    }

    /// Drops every job that has not begun.
    func clear() {
        add {
            $0.jobs.removeAll()
            $0.idle.removeAll()
        }
    }

    /// Lets the threads end after the jobs they are at.
    func close() {
        add {
            $0.jobs.removeAll()
            $0.idle.removeAll()
            $0.isClosed = true
        }
    }

    private func add(_ change: (inout Queue) -> Void) {
        gate.condition.lock()
        change(&gate.queue)
        gate.condition.broadcast()
        gate.condition.unlock()
    }

    private static func work(_ gate: Gate) {
        while true {
            gate.condition.lock()
            while gate.queue.jobs.isEmpty && gate.queue.idle.isEmpty && !gate.queue.isClosed {
                gate.condition.wait()
            }
            if gate.queue.isClosed {
                gate.condition.unlock()
                return
            }
            let job =
                gate.queue.jobs.isEmpty
                ? gate.queue.idle.removeFirst() : gate.queue.jobs.removeFirst()
            gate.condition.unlock()
            job()
        }
    }
}

/// What threads leave for the one that waits at a poller.
final class Inbox<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])
    private let wake: @Sendable () -> Void

    init(wake: @escaping @Sendable () -> Void) { self.wake = wake }

    func post(_ element: Element) {
        elements.withLock { $0.append(element) }
        wake()
    }

    func drain() -> [Element] {
        elements.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
