import Foundation

/// The built programs, run as a user runs them.
enum Denju {
    /// The path of `denju`, in the folder of the program that runs the tests.
    static let path: URL = {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "denju")
    }()

    /// The path of `denju-bench`.
    private static let benchPath = path.deletingLastPathComponent().appending(path: "denju-bench")

    /// Runs a command of `denju-bench` to its end, in a folder.
    static func bench(
        _ arguments: [String], in folder: Folder, within limit: Duration = .seconds(120)
    ) throws -> Command.Outcome {
        try Command(benchPath, arguments, in: folder, under: [:]).outcome(within: limit)
    }

    /// Runs a command to its end, in a folder.
    @discardableResult
    static func run(
        _ arguments: [String], in folder: Folder, under environment: [String: String] = [:],
        within limit: Duration = .seconds(120)
    ) throws -> Command.Outcome {
        let command = try start(arguments, in: folder, under: environment)
        return try command.outcome(within: limit)
    }

    /// Runs a shell script in a folder; `denju` is the built program.
    static func script(
        _ text: String, in folder: Folder, within limit: Duration = .seconds(300)
    ) throws -> Command.Outcome {
        let programs = path.deletingLastPathComponent().path
        let shell = try Command(
            URL(filePath: "/bin/bash"), ["-euo", "pipefail", "-c", text], in: folder,
            under: ["PATH": programs + ":/usr/bin:/bin"])
        return try shell.outcome(within: limit)
    }

    /// Starts a command in a folder, with more variables in its environment, on a host of a
    /// ``Network`` if one is named.
    static func start(
        _ arguments: [String], in folder: Folder, under environment: [String: String] = [:],
        on host: String? = nil
    ) throws -> Command {
        guard let host, let ip = Network.program("ip") else {
            return try Command(path, arguments, in: folder, under: environment)
        }
        return try Command(
            URL(filePath: ip), ["netns", "exec", host, path.path] + arguments, in: folder,
            under: environment)
    }
}

/// A running process whose output is written to files.
final class Command {
    /// The exit status and the output.
    struct Outcome {
        /// The exit status; of a process that a signal ended, the signal's number negated.
        var status: Int32
        var output: String
        var errors: String
        /// The lines of standard error.
        var lines: [String] { errors.split(separator: "\n").map(String.init) }
    }

    private let process = Process()
    private let output: String
    private let errors: String
    private let arguments: [String]

    fileprivate init(
        _ path: URL, _ arguments: [String], in folder: Folder, under environment: [String: String]
    ) throws {
        self.arguments = arguments
        let name = folder.path + "/.output-" + UUID().uuidString
        (output, errors) = (name + ".out", name + ".err")
        process.executableURL = path
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = Self.plainEnvironment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let handles = (try Self.file(output), try Self.file(errors))
        (process.standardOutput, process.standardError) = handles
        try process.run()
        // Foundation never releases a started process, nor its files.
        try handles.0.close()
        try handles.1.close()
    }

    /// This process's environment without the variables of launchers.
    private static let plainEnvironment = ProcessInfo.processInfo.environment.filter { name, _ in
        !["DENJU_", "MASTER_", "RANK", "SLURM", "OMPI_", "JOB_", "NOTIFY_"].contains {
            name.hasPrefix($0)
        }
    }

    deinit { if process.isRunning { kill(SIGKILL) } }

    private static func file(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(filePath: path))
        return try FileHandle(forWritingTo: URL(filePath: path))
    }

    var processID: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    /// The standard error output so far.
    var errorsSoFar: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// Sends a signal.
    func kill(_ signal: Int32) { Self.kill(processID, signal) }

    /// Sends a signal to a process.
    static func kill(_ processID: Int32, _ signal: Int32) {
        _ = Foundation.kill(processID, signal)
    }

    /// The identifiers of the child processes.
    func children() throws -> [Int32] {
        let tasks = "/proc/\(processID)/task"
        return try FileManager.default.contentsOfDirectory(atPath: tasks).flatMap { task in
            try String(contentsOfFile: "\(tasks)/\(task)/children", encoding: .utf8)
                .split(separator: " ").compactMap { Int32($0) }
        }
    }

    /// Waits for a message on standard error.
    func waitForMessage(_ text: String, within limit: Duration = .seconds(60)) throws {
        try wait("'\(text)' from \(arguments.first ?? "")", within: limit) { [self] in
            if errorsSoFar.contains(text) { return true }
            guard process.isRunning else {
                throw TestError("It ended without '\(text)': \(errorsSoFar)")
            }
            return false
        }
    }

    /// Waits for the end of the process.
    func outcome(within limit: Duration = .seconds(120)) throws -> Outcome {
        do {
            try wait("the end of \(arguments)", within: limit) { [self] in !process.isRunning }
        } catch {
            kill(SIGKILL)
            throw TestError("\(error); standard error: \(errorsSoFar)")
        }
        process.waitUntilExit()
        let status = process.terminationStatus
        return Outcome(
            status: process.terminationReason == .exit ? status : -status,
            output: try String(contentsOfFile: output, encoding: .utf8), errors: errorsSoFar)
    }
}

/// An expected event that did not happen, or an unexpected state.
struct TestError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// Polls a condition every few milliseconds until it holds.
func wait(
    _ what: String, within limit: Duration = .seconds(60), until holds: () throws -> Bool
) throws {
    let deadline = ContinuousClock.now + limit
    while try !holds() {
        guard ContinuousClock.now < deadline else {
            throw TestError("After \(limit) still no \(what)")
        }
        Thread.sleep(forTimeInterval: 0.004)
    }
}
