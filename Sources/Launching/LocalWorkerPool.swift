import ArgumentParser
package import Foundation
import Synchronization
package import ZeroMQ

/// The worker processes of `denju train`: starts them, replaces those that die, and ends them with
/// the run.
package final class LocalWorkerPool: Sendable {
    private struct State {
        var processes: [Int: Process] = [:]
        var earlyFailures = 0
        var isOver = false
    }

    /// The age in seconds below which a failed worker is not restarted: its failure would repeat.
    private static let minimumAge: TimeInterval = 10
    /// Seconds for which workers keep calling a coordinator that is away.
    private static let patience = 10

    private let executable: URL
    private let endpoint: Endpoint
    private let workers: Int
    private let spares: Int
    private let threads: Int
    private let cache: String
    private let logs: String
    private let giveUp: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// Creates a pool without starting its processes.
    ///
    /// - Parameters:
    ///   - executable: the `denju` program that workers run.
    ///   - giveUp: called with the reason when no worker process can take part in the run.
    package init(
        executable: URL = Executable.current, endpoint: Endpoint, workers: Int, spares: Int = 0,
        threads: Int, cache: String,
        logs: String,
        giveUp: @escaping @Sendable (String) -> Void
    ) {
        self.executable = executable
        self.endpoint = endpoint
        self.workers = workers
        self.spares = spares
        self.threads = threads
        self.cache = cache
        self.logs = logs
        self.giveUp = giveUp
    }

    /// Starts all processes.
    package func start() {
        for number in 1...(workers + spares) { launch(number, isStandby: number > workers) }
    }

    /// The identifiers of the running processes.
    package var processIDs: [Int32] {
        state.withLock { $0.processes.values.map(\.processIdentifier) }
    }

    /// Ends the processes that are still running.
    package func end() {
        let left = state.withLock { state in
            state.isOver = true
            return Array(state.processes.values)
        }
        for process in left {
            // The coordinator has told workers that the run is over, and most end by themselves.
            let deadline = Date().addingTimeInterval(2)
            while process.isRunning && Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
            if process.isRunning { process.terminate() }
        }
    }

    private func launch(_ number: Int, isStandby: Bool) {
        let log = "\(logs)/worker-\(number).log"
        let process = Process.denju(
            [
                "worker", "--connect", "\(endpoint)", "--threads", "\(threads)", "--name",
                "local-\(number)", "--cache", cache, "--patience", "\(Self.patience)", "--managed",
            ] + (isStandby ? ["--spare"] : []), executable: executable, log: log)
        let started = Date()
        process.terminationHandler = { [weak self] process in
            self?.processEnded(number, process, age: Date().timeIntervalSince(started), log: log)
        }
        do {
            try process.begin()
            state.withLock { $0.processes[number] = process }
        } catch {
            giveUp("A worker process cannot be started: \(error)")
        }
    }

    private func processEnded(_ number: Int, _ process: Process, age: TimeInterval, log: String) {
        // Workers of a coordinator that was asked to stop end with status 75, which is no failure.
        let failed =
            process.terminationReason == .exit
            && ![0, ExitCode.stopped.rawValue].contains(process.terminationStatus)
        let decision = state.withLock { state -> (restart: Bool, giveUp: Bool) in
            state.processes[number] = nil
            guard !state.isOver, failed || process.terminationReason == .uncaughtSignal else {
                return (false, false)
            }
            if failed && age < Self.minimumAge { state.earlyFailures += 1 }
            return (!failed || age >= Self.minimumAge, state.earlyFailures >= workers)
        }
        // A spare, if there is one, has replaced the lost worker; the new process becomes a spare.
        if decision.restart { launch(number, isStandby: spares > 0) }
        if decision.giveUp { giveUp(lastLine(of: log) ?? "No worker can take part: see \(log).") }
    }

    /// The last line of a log, without the program's name: the reason for which a worker ended.
    private func lastLine(of log: String) -> String? {
        guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").last.map {
            String($0.hasPrefix("denju: ") ? $0.dropFirst("denju: ".count) : $0)
        }
    }
}
