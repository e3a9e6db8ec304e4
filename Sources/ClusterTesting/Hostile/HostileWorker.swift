import Cluster
import Messages
import Tensors
import Training
import ZeroMQ

/// A worker with an allowed key that does not do what it is asked to.
///
/// It never waits: its owner calls ``turn(at:)``. When it is disconnected it connects anew.
package final class HostileWorker {
    /// The way in which it deviates.
    package enum Behaviour: String, Sendable, CaseIterable {
        /// Results of other shapes than the recipe's.
        case wrongShapes = "wrong shapes"
        /// Billions of threads and of workers, years of work, all of the memory.
        case hugeClaims = "huge claims"
        /// Results that are not finite.
        case notFinite = "results that are not finite"
        /// Requests whose answers it does not receive.
        case unreadRequests = "requests without reading"
        /// Nothing any more, once it has a lease.
        case silence = "silence after a lease"
        /// Heartbeats and no results.
        case heartbeatsAlone = "heartbeats without results"
        /// Heartbeats with growing progress, and no results.
        case lyingProgress = "progress without results"
        /// Work that it says cannot be done, because the training diverges.
        case complaints = "false complaints"
        /// Another arithmetic than all others'.
        case otherArithmetic = "another arithmetic"
        /// Results of work that was leased to others.
        case foreignResults = "results of others' work"
    }

    /// The lengths of a run's results, so that wrong ones are wrong in one respect only.
    package struct Lengths: Sendable {
        /// Counts of each term's contribution.
        package var counts: [Int]
        /// Values of the first bucket.
        package var bucket: Int

        /// The given lengths.
        package init(counts: [Int], bucket: Int) {
            self.counts = counts
            self.bucket = bucket
        }
    }

    /// The way in which it deviates.
    package let behaviour: Behaviour
    /// The number of its admissions.
    package private(set) var admissions = 0
    /// Leases that it has received.
    package private(set) var leases = 0
    private let lengths: Lengths
    private let heartbeat: Duration
    private let connect: () throws -> Intruder
    private var client: Intruder?
    private var isAdmitted = false
    private var teacher: Digest?
    private var lastSent = Duration.zero
    private var lastGreeting: Duration?
    private var progress: UInt64 = 1

    /// A worker that has not connected.
    ///
    /// - Parameters:
    ///   - heartbeat: the interval of its heartbeats.
    ///   - connect: makes a new connection to the coordinator.
    package init(
        _ behaviour: Behaviour, lengths: Lengths, heartbeat: Duration,
        connect: @escaping () throws -> Intruder
    ) {
        self.behaviour = behaviour
        self.lengths = lengths
        self.heartbeat = heartbeat
        self.connect = connect
    }

    /// Reacts to what has arrived, and sends what is due.
    package func turn(at now: Duration) throws {
        do {
            try act(at: now)
        } catch is TransportError {
            // The coordinator has disconnected it.
            (client, isAdmitted) = (nil, false)
        }
    }

    private func act(at now: Duration) throws {
        if try client?.hasEnded() == true { (client, isAdmitted) = (nil, false) }
        guard let client else {
            // The connection may end again and again: it must not come back at every turn.
            guard lastGreeting.map({ now - $0 > heartbeat }) ?? true else { return }
            return try greet(at: now)
        }
        let reads = behaviour != .unreadRequests || !isAdmitted
        while reads, let message = try client.receive(within: .zero) {
            try react(to: message, client)
        }
        guard isAdmitted, behaviour != .silence || leases == 0 else { return }
        if behaviour == .unreadRequests { try request(client) }
        guard now - lastSent > heartbeat else { return }
        lastSent = now
        if behaviour == .lyingProgress { progress += 1 }
        try beat(client)
    }

    private func greet(at now: Duration) throws {
        let client = try connect()
        self.client = client
        (isAdmitted, lastSent, lastGreeting) = (false, now, now)
        try client.send(
            client.hello(
                name: behaviour.rawValue, threads: behaviour == .hugeClaims ? .max : 1,
                canary: behaviour == .otherArithmetic ? [UInt8](repeating: 9, count: 32) : nil),
            run: RunID.none, epoch: 0)
    }

    private func beat(_ client: Intruder) throws {
        let claim: UInt32 = behaviour == .hugeClaims ? .max : 1
        try client.send(
            Heartbeat(
                progress: behaviour == .hugeClaims ? .max : progress, phase: 1, threads: claim,
                workers: claim))
    }

    private func request(_ client: Intruder) throws {
        for number in 0..<4 as Range<UInt64> {
            try client.send(
                AssetRequest(
                    digest: teacher ?? Digest([UInt8](repeating: 1, count: 32))!, offset: 0,
                    length: 64 << 20))
            try client.send(
                SceneRequest(SceneReference(isForValidation: false, sample: number)))
        }
    }

    private func react(to message: any Message, _ client: Intruder) throws {
        switch message {
        case let welcome as Welcome:
            teacher = welcome.teacherDigest
            isAdmitted = true
            admissions += 1
            try beat(client)
        case let lease as Messages.Lease where !lease.nodes.isEmpty:
            leases += 1
            try answer(lease, client)
        default: break
        }
    }

    private func answer(_ lease: Messages.Lease, _ client: Intruder) throws {
        let (step, node) = (lease.step, lease.nodes[0])
        let shard = Messages.TreeNode(level: 0, index: lease.shards[0].shard)
        switch behaviour {
        case .wrongShapes:
            if leases % 2 == 0 {
                try contribute(step, shard, lengths.counts + [1], value: 1, client)
            } else {
                try sendGradient(step, node, count: lengths.bucket + 1, value: 1, client)
            }
        case .notFinite:
            if leases % 2 == 0 {
                try contribute(step, shard, lengths.counts, value: .nan, client)
            } else {
                try sendGradient(step, node, count: lengths.bucket, value: .infinity, client)
            }
        case .hugeClaims:
            var values = [Double](
                repeating: 0, count: ShardReport.count(terms: lengths.counts.count))
            // Wrong values cannot be told from right ones: only the claims are wrong.
            values[0] = Double(lease.shards.count { $0.shard >> node.level == node.index })
            for _ in 0..<8 {
                try client.send(
                    NodeReport(
                        step: step, node: node, values: values, hasStatistics: false,
                        phases: (0..<64).map { PhaseTime(phase: $0 % 7, nanoseconds: .max) },
                        peakBytes: .max, pageFaults: .max, buffers: .max))
            }
        case .complaints:
            try client.send(
                WorkFailure(
                    reason: "A loss of step \(step) is not finite.", isDivergence: true))
        case .foreignResults:
            for index in 0..<8 as Range<UInt32> {
                let other = Messages.TreeNode(level: 0, index: index)
                guard other != shard, !lease.shards.contains(where: { $0.shard == index })
                else { continue }
                try contribute(step, other, lengths.counts, value: 5, client)
                try sendGradient(step, other, count: lengths.bucket, value: 5, client)
                if step > 0 {
                    try sendGradient(step - 1, other, count: lengths.bucket, value: 5, client)
                }
            }
        case .unreadRequests, .silence, .heartbeatsAlone, .lyingProgress, .otherArithmetic: break
        }
    }

    private func contribute(
        _ step: UInt64, _ node: Messages.TreeNode, _ counts: [Int], value: Double,
        _ client: Intruder
    ) throws {
        try client.send(
            Contribution(
                step: step, node: node,
                terms: counts.enumerated().map { number, count in
                    ContributionTerm(
                        term: UInt16(number), counts: Array(repeating: value, count: count),
                        sums: [], gathered: [])
                }))
    }

    private func sendGradient(
        _ step: UInt64, _ node: Messages.TreeNode, count: Int, value: Float, _ client: Intruder
    ) throws {
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        try client.send(
            PartialSum(step: step, node: node, bucket: 0),
            payloads: [(0..<count).flatMap { _ in bytes }])
    }
}

extension InMemoryCluster {
    /// Connects a worker that does not do what it is asked to.
    @discardableResult
    package func join(_ behaviour: HostileWorker.Behaviour) -> HostileWorker {
        let worker = HostileWorker(
            behaviour,
            lengths: .init(counts: [1], bucket: SyntheticPlan.bucketCount),
            heartbeat: .seconds(1)
        ) { [unowned self] in
            Intruder(over: network.connect()) { _ in }
        }
        hostile.append(worker)
        return worker
    }
}
