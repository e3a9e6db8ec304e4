import Cluster
import Foundation
import Networks
import Synchronization
import Telemetry
import Tensors
import Training
import ZeroMQ

/// A run of simulated workers against a real coordinator in this process.
struct LoadRun {
    /// How large it is.
    struct Shape {
        /// A student of as few parameters as there can be, and still a network.
        static let smallest =
            "{preset: tiny-student, enc_depths: [1, 1, 1], enc_channels: [2, 2, 2], "
            + "enc_num_head: [1, 1, 1], dec_channels: [2, 2], dec_num_head: [1, 1], patch_size: 128}"

        var workers = 1000
        /// Relays between the coordinator and them; 0 for none.
        var relays = 0
        var shards = 32
        var steps = 5
        var compute = 0.0
        var processes = 2
        var student = smallest
        var heartbeatTimeout = 5.0
    }

    let report: LoadReport

    init(_ shape: Shape, showsProgress: Bool) throws {
        // A peak of this run alone: what an earlier one had at its height is forgotten.
        try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let folder =
            FileManager.default.temporaryDirectory.path + "/denju-load-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let warmUp = 2
        let recipe = try Recipe(
            yaml: Self.recipe(shape, steps: shape.steps + warmUp), file: "the recipe of the bench")
        let progress = Progress(
            "serving \(shape.workers) workers", total: shape.steps + warmUp, unit: "step",
            isShown: showsProgress)
        struct Seen {
            var steps: [(summary: StepSummary, at: ContinuousClock.Instant)] = []
            var residentBefore = 0
            var residentJoined = 0
        }
        let seen = Mutex(Seen())
        let stop = StopRequest.onSignals()
        let server = try CoordinatorServer(
            recipe,
            CoordinatorSettings(
                endpoint: try Endpoint("tcp://127.0.0.1:*"), folder: folder + "/run",
                minimumWorkers: shape.workers,
                heartbeatTimeout: .seconds(shape.heartbeatTimeout)),
            stop: stop
        ) { event in
            seen.withLock { seen in
                switch event {
                case .listening: seen.residentBefore = ProcessMemory.resident
                // Until the first step those who join are all there is to tell of.
                case .note where seen.steps.isEmpty: seen.residentJoined = ProcessMemory.resident
                case .step(let summary):
                    seen.steps.append((summary, .now))
                    progress.update(
                        summary.step, note: String(format: "%.2f s", summary.seconds))
                default: break
                }
            }
        }
        // Relays call from the moment they are started, and are answered once the coordinator serves.
        let relays = try (0..<shape.relays).map {
            try Self.relay($0, at: server.endpoint, in: folder, stop)
        }
        defer { for relay in relays { relay.process.terminate() } }
        let fleets = try Self.fleets(
            shape, endpoints: relays.isEmpty ? [server.endpoint] : relays.map(\.endpoint),
            log: folder + "/workers.log", stop)
        let ended = Result { try server.serve() }
        progress.finish()
        let reports = try fleets.map { try $0.report() }
        _ = try ended.get()
        let all = seen.withLock { $0 }
        guard all.steps.count == shape.steps + warmUp else {
            throw UserError("The bench was stopped after \(all.steps.count) steps.")
        }
        report = LoadReport(
            shape, parameters: server.learner.network.parameterCount,
            steps: all.steps.dropFirst(warmUp).map(\.summary),
            counts: all.steps.map(\.summary.counts), traffic: server.traffic,
            joinTimes: server.joinTimes, fleets: reports,
            memory: (all.residentBefore, all.residentJoined, ProcessMemory.peak))
    }

    /// A process of simulated workers, at work.
    private struct Fleet {
        let process: Process
        let output: Pipe

        func report() throws -> WorkerFleet.Report {
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            guard let report = try? decoder.decode(WorkerFleet.Report.self, from: text) else {
                throw UserError("A process of simulated workers ended before its time.")
            }
            return report
        }
    }

    /// Starts a relay and waits until it listens.
    private static func relay(
        _ number: Int, at endpoint: Endpoint, in folder: String, _ stop: StopRequest
    ) throws -> (process: Process, endpoint: Endpoint) {
        let (log, address) = ("\(folder)/relay-\(number).log", "\(folder)/relay-\(number)")
        let process = Process.denju(
            [
                "relay", "--connect", "\(endpoint)", "--name", "relay-\(number)", "--publish",
                address, "--cache", folder + "/cache",
            ], log: log)
        process.terminationHandler = { process in
            guard process.terminationStatus == 2 else { return }
            let said = try? String(contentsOfFile: log, encoding: .utf8)
            stop.fail(
                "A relay cannot go on: "
                    + (said?.split(separator: "\n").last.map(String.init) ?? "no reason given."))
        }
        try process.begin()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline, process.isRunning {
            if let found = try CoordinatorAddress("file:" + address).current() {
                return (process, found)
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw UserError("A relay did not begin to listen: see \(log).")
    }

    private static func fleets(
        _ shape: Shape, endpoints: [Endpoint], log: String, _ stop: StopRequest
    ) throws -> [Fleet] {
        try (0..<shape.processes).map { number in
            let count = (shape.workers + number) / shape.processes
            let process = Process.denju(
                ["bench", "load-workers", "--count", "\(count)", "--compute", "\(shape.compute)"]
                    + endpoints.flatMap { ["--connect", "\($0)"] }, log: log)
            let output = Pipe()
            process.standardOutput = output
            process.terminationHandler = { process in
                guard process.terminationStatus != 0 else { return }
                let said = try? String(contentsOfFile: log, encoding: .utf8)
                stop.fail(
                    "The simulated workers cannot go on: "
                        + (said?.split(separator: "\n").last.map(String.init) ?? "no reason given.")
                )
            }
            try process.run()
            return Fleet(process: process, output: output)
        }
    }

    /// What a process of simulated workers does: it works, and prints how it fared.
    static func work(connect: [String], count: Int, compute: Double) throws {
        let fleet = try WorkerFleet(
            of: count, endpoints: try connect.map { try Endpoint($0) }, compute: .seconds(compute),
            patience: .seconds(60))
        print(try snakeCaseJSON(try fleet.run()))
    }

    private static func recipe(_ shape: Shape, steps: Int) -> String {
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

/// This process's memory at this moment, in bytes.
enum ProcessMemory {
    /// Resident now.
    static var resident: Int { figure("VmRSS:") }
    /// The most resident since the peak was last cleared.
    static var peak: Int { figure("VmHWM:") }

    private static func figure(_ name: String) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
        else { return 0 }
        return kilobytes << 10
    }
}
