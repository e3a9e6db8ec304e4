import Cluster
import Foundation
import Messages
package import Telemetry
import Tensors
package import ZeroMQ

/// Many simulated workers on one thread: what a coordinator hears of a cluster, without the cluster.
///
/// Each has a connection of its own and speaks as a worker does, word for word; its gradients are
/// those of one real micro-shard, computed once.
package final class WorkerFleet {
    /// How a fleet fared.
    package struct Report: Codable, Sendable {
        /// Workers that heard the run end.
        package var released = 0
        /// Why the others did not, each reason once.
        package var losses: [String] = []
        /// Heartbeats sent.
        package var heartbeats = 0
        /// The process's memory.
        package var memory = MemoryUse()
    }

    private let context: Context
    private let compute: Duration
    private let patience: Duration
    private var script: ShardScript?
    private var workers: [SimulatedWorker] = []

    /// A fleet that has not called yet.
    ///
    /// - Parameters:
    ///   - count: how many workers.
    ///   - endpoints: where they call: a coordinator, or relays in turn.
    ///   - compute: how long each takes for a micro-shard.
    ///   - patience: how long nothing at all may be heard before the fleet gives up.
    package init(
        of count: Int, endpoints: [Endpoint], compute: Duration, patience: Duration
    ) throws {
        context = try Context(maximumSockets: count + 16)
        self.compute = compute
        self.patience = patience
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

    /// Works until the run is over for every worker, or lost.
    package func run() throws -> Report {
        let numerics = Numerics.fingerprint()
        let hello = Hello(
            toolVersion: Version.current, name: "", threads: 1,
            hostName: ProcessInfo.processInfo.hostName, blasCore: numerics.coreName,
            canary: Digest(numerics.hash)!)
        var poller = Poller()
        for worker in workers { _ = poller.add(worker.socket) }
        // The first worker's welcome brings the script; the others call once it is there.
        try workers[0].call(hello)
        var others = workers.dropFirst()
        var lastHeard = ContinuousClock.now
        while workers.contains(where: { !$0.isOver }) {
            let ready = try poller.wait(upTo: .milliseconds(5))
            let now = ContinuousClock.now
            if !ready.isTimeout { lastHeard = now }
            for number in ready.readable { try workers[number].listen() }
            for worker in workers { try worker.keepTime(.now) }
            if script != nil, !others.isEmpty {
                for worker in others { try worker.call(hello) }
                others = []
            }
            if now - lastHeard > patience { break }
        }
        var report = Report()
        for worker in workers {
            report.heartbeats += worker.heartbeats
            switch worker.state {
            case .released: report.released += 1
            case .lost(let reason) where !report.losses.contains(reason):
                report.losses.append(reason)
            case .lost: break
            case .calling, .working:
                if !report.losses.contains("silence") { report.losses.append("silence") }
            }
        }
        report.memory = .ofThisProcess(buffers: PoolCounts.now.systemAllocations)
        return report
    }
}
