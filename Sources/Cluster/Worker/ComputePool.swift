import Foundation
import Glibc
import Synchronization

/// A fixed number of threads that do jobs in the order they come.
///
/// Threads of our own, not the cooperative pool's: a job is seconds of arithmetic with buffers from
/// its thread's own pool. A job given as `idle` runs only when no other waits. Where processors are
/// fewer than threads, the system lets those that wake for a moment (a coordinator's, the
/// network's) go first.
package final class ComputePool: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct Queue {
        var jobs: [Job] = []
        /// Jobs for idle moments, each with what it is for; sooner ones first.
        var idle: [(order: Int, job: Job)] = []
        var isClosed = false

        /// Takes out what is to be done next.
        mutating func next() -> Job? {
            if !jobs.isEmpty { return jobs.removeFirst() }
            guard let least = idle.indices.min(by: { idle[$0].order < idle[$1].order }) else {
                return nil
            }
            return idle.remove(at: least).job
        }
    }

    private final class Gate: @unchecked Sendable {
        let condition = NSCondition()
        var queue = Queue()
    }

    private let gate = Gate()
    /// How many threads there are.
    package let threads: Int

    /// Starts the threads.
    package init(threads: Int) {
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
    package func submit(_ job: @escaping Job) { add { $0.jobs.append(job) } }

    /// Adds a job for a moment when nothing else waits.
    ///
    /// Of several the one with the least `order` comes first, and of equal ones the earliest.
    package func submitIdle(order: Int, _ job: @escaping Job) {
        add { $0.idle.append((order, job)) }
    }

    /// Drops every job that has not begun.
    package func clear() {
        add {
            $0.jobs.removeAll()
            $0.idle.removeAll()
        }
    }

    /// Lets the threads end after the jobs they are at.
    package func close() {
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
        giveWay()
        while true {
            gate.condition.lock()
            var job = gate.queue.next()
            while job == nil && !gate.queue.isClosed {
                gate.condition.wait()
                job = gate.queue.next()
            }
            gate.condition.unlock()
            guard let job else { return }
            job()
        }
    }

    /// Makes the calling thread one that threads which just woke need not wait for.
    ///
    /// Where the system refuses, it stays as it is.
    private static func giveWay() {
        // SCHED_BATCH of <sched.h>, which Swift's Glibc leaves out.
        let batch: Int32 = 3
        var none = sched_param()
        _ = unsafe sched_setscheduler(0, batch, &none)
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
