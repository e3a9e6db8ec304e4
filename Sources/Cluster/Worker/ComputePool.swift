import Foundation
import Tensors

/// A fixed number of threads that run jobs in the order of their submission.
///
/// A job submitted as idle runs only while no other job waits. The threads of a standby pool run only
/// while no other thread of the machine wants to, until ``leaveStandby()``.
package final class ComputePool: Sendable {
    // Threads of its own, not Swift's cooperative pool: a job is seconds of arithmetic, which would
    // block that pool, and its buffers belong to the pool of its thread.
    package typealias Job = @Sendable () -> Void

    private struct Queue {
        var jobs: [Job] = []
        /// Idle jobs with their order; the least is next.
        var idle: [(order: Int, job: Job)] = []
        var isClosed = false
        /// Grows when the threads are to end because others replace them.
        var generation = 0
        /// The buffer pools of the threads that wait for a job.
        var parked: [UInt] = []
        /// The generation of each thread.
        var generations: [pthread_t: Int] = [:]

        /// Removes the next job.
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
    /// The number of threads.
    package let threads: Int

    /// Starts the threads.
    ///
    /// - Parameter isStandby: whether they run only while no other thread of the machine wants to.
    package init(threads: Int, isStandby: Bool = false) {
        self.threads = threads
        for number in 0..<threads {
            start(number, as: isStandby ? .idle : .batch, generation: 0, buffers: nil)
        }
    }

    private func start(
        _ number: Int, as policy: SchedulingPolicy, generation: Int, buffers: UInt?
    ) {
        let thread = Thread { [gate] in
            policy.adopt()
            if let buffers { BufferPool.take(buffers) }
            Self.work(gate, generation)
        }
        thread.name = "denju compute \(number)"
        thread.stackSize = 16 << 20
        thread.start()
    }

    /// Gives the threads of a standby pool the usual priority.
    ///
    /// - Returns: the generation of the new threads. Older ones may still run a job, slowly.
    @discardableResult
    package func leaveStandby() -> Int {
        // The system lets no thread leave SCHED_IDLE by itself: new threads replace the old ones.
        // They continue with the buffers of those that wait; a thread that runs a job finishes it.
        gate.condition.lock()
        gate.queue.generation += 1
        let (generation, buffers) = (gate.queue.generation, gate.queue.parked)
        gate.queue.parked = []
        gate.condition.broadcast()
        gate.condition.unlock()
        for number in 0..<threads {
            start(
                number, as: .batch, generation: generation,
                buffers: number < buffers.count ? buffers[number] : nil)
        }
        return generation
    }

    /// The generation of the calling thread; nil if it was replaced or is not one of the pool's.
    package var generationOfThisThread: Int? {
        gate.condition.lock()
        defer { gate.condition.unlock() }
        let generation = gate.queue.generations[pthread_self()]
        return generation == gate.queue.generation ? generation : nil
    }

    deinit { close() }

    /// The number of threads that wait for a job.
    package var waiting: Int {
        gate.condition.lock()
        defer { gate.condition.unlock() }
        return gate.queue.parked.count
    }

    /// Appends a job to the queue.
    package func submit(_ job: @escaping Job) { add { $0.jobs.append(job) } }

    /// Adds a job that runs while no other job waits.
    ///
    /// Of several idle jobs the one with the least `order` runs first; of equal ones the earliest.
    package func submitIdle(order: Int, _ job: @escaping Job) {
        add { $0.idle.append((order, job)) }
    }

    /// Drops every job that has not started.
    package func clear() {
        add {
            $0.jobs.removeAll()
            $0.idle.removeAll()
        }
    }

    /// Ends the threads after the jobs that they are running.
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
        setGeneration(generation, in: gate)
        defer { setGeneration(nil, in: gate) }
        let buffers = BufferPool.mine
        while let job = nextJob(gate, generation, buffers) { job() }
    }

    private static func setGeneration(_ generation: Int?, in gate: Gate) {
        gate.condition.lock()
        gate.queue.generations[pthread_self()] = generation
        gate.condition.unlock()
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
                // The thread that replaces this one has taken over its buffers.
                BufferPool.leave()
                return nil
            }
            gate.queue.parked.remove(at: place)
        }
        return nil
    }
}
