import Cluster
import ClusterTesting
import Foundation
import Launching
import Reporting
import ZeroMQ

/// The simulated workers of a load trial, in several processes, and the relays between them and the
/// coordinator.
final class SimulatedFleets: TrialWorkers {
    private var relays: [(process: Process, endpoint: Endpoint)] = []
    private var fleets: [Fleet] = []
    /// The reports of the processes, which they print when they end.
    private(set) var reports: [WorkerFleet.Report] = []

    /// Starts the relays and then the workers; they connect when the coordinator begins to serve.
    init(
        _ shape: LoadShape, _ endpoint: Endpoint, in folder: String, _ stop: StopRequest
    ) throws {
        do {
            for number in 0..<shape.relays {
                relays.append(try Self.relay(number, at: endpoint, in: folder, stop))
            }
            fleets = try Self.fleets(
                shape, endpoints: relays.isEmpty ? [endpoint] : relays.map(\.endpoint),
                log: folder + "/workers.log", stop)
        } catch {
            endRelays()
            throw error
        }
    }

    private func endRelays() { for relay in relays { relay.process.terminate() } }

    func finish() throws {
        defer { endRelays() }
        reports = try fleets.map { try $0.report() }
    }

    /// A running process of simulated workers.
    private struct Fleet {
        let process: Process
        let output: Pipe

        func report() throws -> WorkerFleet.Report {
            // Reading before waiting: a full pipe would block the process.
            let text = try output.fileHandleForReading.readToEnd() ?? Data()
            process.waitUntilExit()
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            guard let report = try? decoder.decode(WorkerFleet.Report.self, from: text) else {
                throw UserError("A process of simulated workers ended without a report.")
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
            ], executable: try Executable.beside("denju"), log: log)
        process.terminationHandler = { process in
            // Status 2 is an error; the trial itself terminates relays at its end.
            guard process.terminationStatus == 2 else { return }
            let text = try? String(contentsOfFile: log, encoding: .utf8)
            stop.fail(
                "A relay failed: "
                    + (text?.split(separator: "\n").last.map(String.init) ?? "no reason given."))
        }
        try process.begin()
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline, process.isRunning {
            if let found = try CoordinatorAddress("file:" + address).current() {
                return (process, found)
            }
            Thread.sleep(forTimeInterval: 0.02)
        }
        throw UserError("A relay did not start to listen within 60 s: see \(log).")
    }

    private static func fleets(
        _ shape: LoadShape, endpoints: [Endpoint], log: String, _ stop: StopRequest
    ) throws -> [Fleet] {
        try (0..<shape.processes).map { number in
            // The quotients add up to the number of workers, even if the division has a remainder.
            let count = (shape.workers + number) / shape.processes
            let process = Process.denju(
                ["load-workers", "--count", "\(count)", "--compute", "\(shape.compute)"]
                    + endpoints.flatMap { ["--connect", "\($0)"] }, log: log)
            let output = Pipe()
            process.standardOutput = output
            process.terminationHandler = { process in
                guard process.terminationStatus != 0 else { return }
                let text = try? String(contentsOfFile: log, encoding: .utf8)
                stop.fail(
                    "The simulated workers failed: "
                        + (text?.split(separator: "\n").last.map(String.init) ?? "no reason given.")
                )
            }
            try process.run()
            return Fleet(process: process, output: output)
        }
    }
}
