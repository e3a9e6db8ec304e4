import ArgumentParser
package import Foundation
import Synchronization
package import ZeroMQ

/// The worker processes of `denju train`: started, replaced when they die, gone when the run is.
package final class LocalWorkerPool: Sendable {
    private struct State {
        var processes: [Int: Process] = [:]
        var quickDeaths = 0
        var isOver = false
    }

    /// A worker that dies younger than this has not been killed by chance.
    private static let youth: TimeInterval = 10
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

    /// A pool whose processes have not been started.
    ///
    /// - Parameters:
    ///   - executable: the `denju` that the workers run.
    ///   - giveUp: called with the reason when no worker can take part.
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
        for number in 1...(workers + spares) { launch(number, isSpare: number > workers) }
    }

    /// The processes that are there.
    package var processIDs: [Int32] {
        state.withLock { $0.processes.values.map(\.processIdentifier) }
    }

    /// Ends the processes that are still there.
    package func end() {
        let left = state.withLock { state in
            state.isOver = true
            return Array(state.processes.values)
        }
        for process in left {
            // They have been told that the run is over; a second is plenty.
            let deadline = Date().addingTimeInterval(2)
            while process.isRunning && Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
            if process.isRunning { process.terminate() }
        }
    }

    private func launch(_ number: Int, isSpare: Bool) {
        let log = "\(logs)/worker-\(number).log"
        let process = Process.denju(
            [
                "worker", "--connect", "\(endpoint)", "--threads", "\(threads)", "--name",
                "local-\(number)", "--cache", cache, "--patience", "\(Self.patience)", "--managed",
            ] + (isSpare ? ["--spare"] : []), executable: executable, log: log)
        let born = Date()
        process.terminationHandler = { [weak self] process in
            self?.ended(number, process, age: Date().timeIntervalSince(born), log: log)
        }
        do {
            try process.begin()
            state.withLock { $0.processes[number] = process }
        } catch {
            giveUp("A worker process cannot be started: \(error)")
        }
    }

    private func ended(_ number: Int, _ process: Process, age: TimeInterval, log: String) {
        // A coordinator that was asked to stop sends its workers away with a status of their own.
        let failed =
            process.terminationReason == .exit
            && ![0, ExitCode.stopped.rawValue].contains(process.terminationStatus)
        let verdict = state.withLock { state -> (again: Bool, giveUp: Bool) in
            state.processes[number] = nil
            guard !state.isOver, failed || process.terminationReason == .uncaughtSignal else {
                return (false, false)
            }
            if failed && age < Self.youth { state.quickDeaths += 1 }
            return (!failed || age >= Self.youth, state.quickDeaths >= workers)
        }
        // A spare has taken its place, if there is any.
        if verdict.again { launch(number, isSpare: spares > 0) }
        if verdict.giveUp { giveUp(lastLine(of: log) ?? "No worker can take part: see \(log).") }
    }

    private func lastLine(of log: String) -> String? {
        guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return nil }
        return text.split(separator: "\n").last.map {
            String($0.hasPrefix("denju: ") ? $0.dropFirst("denju: ".count) : $0)
        }
    }
}
