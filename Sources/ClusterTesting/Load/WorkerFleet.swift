import Cluster
import Foundation
import Messages
import OpenBLAS
package import Telemetry
import Tensors
package import ZeroMQ

/// Many simulated workers on one thread, with the connections and messages of real workers.
///
/// The gradients are those of one real micro-shard, computed once.
package final class WorkerFleet {
    /// The results of a fleet.
    package struct Report: Codable, Sendable {
        /// Workers that the coordinator released at the end of the run.
        package var released = 0
        /// The distinct reasons for which other workers ended.
        package var losses: [String] = []
        /// The number of heartbeats sent.
        package var heartbeats = 0
        /// The memory of the process.
        package var memory = MemoryUse()
    }

    private let context: Context
    private let compute: Duration
    private let timeout: Duration
    private var script: ShardScript?
    private var workers: [SimulatedWorker] = []

    /// A fleet that has not connected yet.
    ///
    /// - Parameters:
    ///   - count: the number of workers.
    ///   - endpoints: the coordinator, or relays, among which the workers are distributed.
    ///   - compute: the duration of a micro-shard.
    ///   - timeout: the time without any message after which the fleet ends.
    package init(
        of count: Int, endpoints: [Endpoint], compute: Duration, timeout: Duration
    ) throws {
        context = try Context(maximumSockets: count + 16)
        self.compute = compute
        self.timeout = timeout
        for number in 1...count {
            workers.append(
                try SimulatedWorker(
                    "\(ProcessInfo.processInfo.processIdentifier)-\(number)",
                    endpoint: endpoints[number % endpoints.count],
                    context: context, prepare: { [unowned self] in try prepare($0) },
                    script: { [unowned self] in script! }))
        }
    }

    private func prepare(_ welcome: Welcome) throws {
        if script == nil { script = try ShardScript(welcome, compute: compute) }
    }

    /// Runs until every worker is released or lost.
    package func run() throws -> Report {
        let numerics = Numerics.fingerprint()
        let hello = Hello(
            toolVersion: Version.current, name: "", threads: 1,
            hostName: ProcessInfo.processInfo.hostName, blasCore: numerics.coreName,
            canary: Digest(numerics.hash)!)
        var poller = Poller()
        for worker in workers { _ = poller.add(worker.socket) }
        // The welcome of the first worker determines the script, which all others need to join.
        try workers[0].connect(hello)
        var others = workers.dropFirst()
        var lastReceived = ContinuousClock.now
        while workers.contains(where: { !$0.isOver }) {
            let ready = try poller.wait(upTo: .milliseconds(5))
            let now = ContinuousClock.now
            if !ready.isTimeout { lastReceived = now }
            for number in ready.readable { try workers[number].receiveAll() }
            for worker in workers { try worker.advance(to: .now) }
            if script != nil, !others.isEmpty {
                for worker in others { try worker.connect(hello) }
                others = []
            }
            if now - lastReceived > timeout { break }
        }
        var report = Report()
        for worker in workers {
            report.heartbeats += worker.heartbeats
            switch worker.state {
            case .released: report.released += 1
            case .lost(let reason) where !report.losses.contains(reason):
                report.losses.append(reason)
            case .lost: break
            case .connecting, .working:
                if !report.losses.contains("silence") { report.losses.append("silence") }
            }
        }
        report.memory = .ofThisProcess(buffers: PoolCounts.now.systemAllocations)
        return report
    }
}
