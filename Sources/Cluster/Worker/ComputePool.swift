import Foundation
import Glibc
import Synchronization
import Tensors

/// A fixed number of threads that do jobs in the order they come.
///
/// Threads of our own, not the cooperative pool's: a job is seconds of arithmetic with buffers from
/// its thread's own pool. A job given as `idle` runs only when no other waits. Where processors are
/// fewer than threads, the system lets those that wake for a moment (a coordinator's, the
/// network's) go first. Those of a pool that stands back run only when nobody else wants to, until
/// ``rise()``.
package final class ComputePool: Sendable {
    package typealias Job = @Sendable () -> Void

    private struct Queue {
        var jobs: [Job] = []
        /// Jobs for idle moments, each with what it is for; sooner ones first.
        var idle: [(order: Int, job: Job)] = []
        var isClosed = false
        /// Grows when the threads are to end and others to go on in their stead.
        var generation = 0
        /// The buffers of the threads that wait for a job.
        var parked: [UInt] = []

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
    ///
    /// - Parameter standsBack: whether they run only when nobody else on the machine wants to.
    package init(threads: Int, standsBack: Bool = false) {
        self.threads = threads
        for number in 0..<threads {
            start(number, as: standsBack ? .standingBack : .givingWay, generation: 0, buffers: nil)
        }
    }

    private func start(_ number: Int, as manner: SchedulingPolicy, generation: Int, buffers: UInt?)
    {
        let thread = Thread { [gate] in
            manner.adopt()
            if let buffers { BufferPool.take(buffers) }
            Self.work(gate, generation)
        }
        thread.name = "denju compute \(number)"
        thread.stackSize = 16 << 20
        thread.start()
    }

    /// Has the threads of a pool that stands back no longer do so.
    ///
    /// Others go on in their stead, as the system lets nobody rise by itself: with the buffers of those
    /// that wait, and beside those that are at a job until it is done.
    package func rise() {
        gate.condition.lock()
        gate.queue.generation += 1
        let (generation, buffers) = (gate.queue.generation, gate.queue.parked)
        gate.queue.parked = []
        gate.condition.broadcast()
        gate.condition.unlock()
        for number in 0..<threads {
            start(
                number, as: .givingWay, generation: generation,
                buffers: number < buffers.count ? buffers[number] : nil)
        }
    }

    deinit { close() }

    /// How many threads wait for a job.
    package var waiting: Int {
        gate.condition.lock()
        defer { gate.condition.unlock() }
        return gate.queue.parked.count
    }

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

    private static func work(_ gate: Gate, _ generation: Int) {
        let buffers = BufferPool.mine
        while let job = nextJob(gate, generation, buffers) { job() }
    }

    /// Waits for a job; nil when the thread is to end.
    private static func nextJob(_ gate: Gate, _ generation: Int, _ buffers: UInt) -> Job? {
        gate.condition.lock()
        defer { gate.condition.unlock() }
        while gate.queue.generation == generation {
            if let job = gate.queue.next() { return job }
            guard !gate.queue.isClosed else { return nil }
            gate.queue.parked.append(buffers)
            gate.condition.wait()
            guard let place = gate.queue.parked.firstIndex(of: buffers) else {
                // Another goes on with them.
                BufferPool.leave()
                return nil
            }
            gate.queue.parked.remove(at: place)
        }
        return nil
    }
}

/// What the system is told of threads.
private enum SchedulingPolicy: Int32 {
    // Policies of <sched.h>, which Swift's Glibc leaves out.
    /// Threads which just woke need not wait for it.
    case givingWay = 3
    /// It runs when no other wants to.
    case standingBack = 5

    /// Makes the calling thread one of this manner; where the system refuses, it stays as it is.
    func adopt() {
        var none = sched_param()
        _ = unsafe sched_setscheduler(0, rawValue, &none)
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
