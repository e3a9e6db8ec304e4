import Cluster
import ClusterTesting
import Foundation
import Launching
import Networks
import Reporting
import Synchronization
import Telemetry
import Training
import ZeroMQ

/// The size of a load trial.
struct LoadShape {
    /// A student with as few parameters as possible.
    static let smallest =
        "{preset: tiny-student, enc_depths: [1, 1, 1], enc_channels: [2, 2, 2], "
        + "enc_num_head: [1, 1, 1], dec_channels: [2, 2], dec_num_head: [1, 1], patch_size: 128}"

    var workers = 1000
    /// Relays between the coordinator and the workers; 0 for none.
    var relays = 0
    var shards = 32
    var steps = 5
    var compute = 0.0
    var processes = 2
    var student = smallest
    var heartbeatTimeout = 5.0
}

/// A run of simulated workers against a real coordinator in this process.
struct LoadTrial {
    let report: LoadReport

    init(_ shape: LoadShape, showsProgress: Bool) throws {
        // Resets the peak of the process's memory, so that an earlier trial does not count.
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let warmUp = 2
        let recipe = try Recipe(
            yaml: Self.recipe(shape, steps: shape.steps + warmUp), file: TrialShape.recipeName)
        // Resident bytes before the first worker connected and after the last had joined.
        let resident = Mutex((before: 0, joined: 0))
        let (trial, fleets) = try withTemporaryFolder { folder in
            var workers: SimulatedFleets?
            let trial = try Trial(
                recipe,
                .init(
                    title: "serving \(shape.workers) workers", folder: folder,
                    minimumWorkers: shape.workers,
                    heartbeatTimeout: .seconds(shape.heartbeatTimeout),
                    // TCP as on a cluster; local workers would use a Unix domain socket.
                    endpoint: try Endpoint("tcp://127.0.0.1:*"), showsProgress: showsProgress),
                observing: { event in
                    switch event {
                    case .listening: resident.withLock { $0.before = ProcessMemory.resident }
                    // All workers join before the first step.
                    case .cluster(.joined):
                        resident.withLock { $0.joined = ProcessMemory.resident }
                    default: break
                    }
                }
            ) { server, stop in
                let started = try SimulatedFleets(shape, server.endpoint, in: folder, stop)
                workers = started
                return started
            }
            return (trial, workers?.reports ?? [])
        }
        let (before, joined) = resident.withLock { $0 }
        let summaries = trial.steps.map(\.summary)
        report = LoadReport(
            shape, parameters: trial.server.learner.network.parameterCount,
            steps: Array(summaries.dropFirst(warmUp)), counts: summaries.map(\.counts),
            traffic: trial.server.traffic, joinTimes: trial.server.joinTimes, fleets: fleets,
            memory: (before, joined, ProcessMemory.peak))
    }

    /// Runs a process of simulated workers, which prints its report.
    static func work(connect: [String], count: Int, compute: Double) throws {
        let fleet = try WorkerFleet(
            of: count, endpoints: try connect.map { try Endpoint($0) }, compute: .seconds(compute),
            timeout: .seconds(60))
        print(try snakeCaseJSON(try fleet.run()))
    }

    private static func recipe(_ shape: LoadShape, steps: Int) -> String {
        """
        seed: 1
        data:
          source: boxes
          scenes: {training: \(shape.shards), validation: 1}
          options: {spacing: 0.1, points: 4000, ready: true}
        grid: 0.1
        points: 256
        features: [position, colour]
        views: plain
        student: \(shape.student)
        objectives: [task.cross-entropy]
        optimiser: {rate: 0.000001, block-rate: 0.000001, weight-decay: 0}
        batch: \(shape.shards)
        shard: 1
        steps: \(steps)
        checkpoints: {every: 1000000}
        """
    }
}
