import Foundation
import Testing

/// Every wait in the sources has a limit, or stands here with the reason why it ends.
///
/// The one time limit a user sees is the heartbeat timeout; whatever waits for a peer derives from
/// it. This test reads the sources: a new wait without a limit fails it.
@Suite struct WaitTests {
    /// What waits without a limit of its own.
    private static let waits: [String] = [
        ".wait()", "thread.join()", "waitUntilExit()", "waitForReply", "pthread_join(", "sem_wait(",
        "pthread_cond_wait(", "queue.sync", "zmq_poll(", "zmq_msg_recv(", "zmq_recv(",
        "zmq_ctx_term(", "LOCK_EX", "LOCK_SH", "epoll_wait(", " poll(", " recv(", " accept(",
        "readDataToEndOfFile()", "concurrentPerform", "DispatchGroup", "runBlocking", "while true",
    ]

    /// Lines that may: file, what the line says, and why it comes to an end.
    private static let allowed: [(file: String, line: String, reason: String)] = [
        ("ZeroMQ/Waiting/Poller.swift", "zmq_poll(&items", "the time left is its last argument"),
        ("ZeroMQ/Waiting/Poller.swift", "while true {", "it returns at the deadline"),
        ("ZeroMQ/Sockets/Receiving.swift", "ZMQ_DONTWAIT", "it does not wait"),
        ("ZeroMQ/Sockets/Context.swift", "zmq_ctx_term(pointer)", "sockets linger for a set time"),
        (
            "ZeroMQ/Waiting/BackgroundThread.swift", "pthread_join(id",
            "its one user asks the thread to end first"
        ),
        (
            "ZeroMQ/Security/Authenticator.swift", "thread.join()",
            "the thread was woken and told to stop"
        ),
        ("Checkpoints/Files/FileLock.swift", "LOCK_EX | LOCK_NB", "it does not wait"),
        ("Checkpoints/Files/FileLock.swift", "while true {", "it returns at the deadline"),
        ("Checkpoints/Files/LocalFileSystem.swift", "while true {", "a folder's names have an end"),
        ("Checkpoints/JSONReader.swift", "while true {", "a text has an end"),
        (
            "Cluster/Coordinator/CheckpointWriter.swift", "queue.sync {}",
            "a run ends with its checkpoint on disk; nobody else is waited for"
        ),
        (
            "Cluster/Worker/ComputePool.swift", "gate.condition.wait()",
            "threads without work; closing the pool wakes them"
        ),
        ("Cluster/Worker/WorkerClient.swift", "while true {", "patience and stop end it"),
        (
            "denju/Study/StudyRunner.swift", "process.waitUntilExit()",
            "the process was asked to end, and finishes a step"
        ),
        (
            "denju/Bench/BenchFuzz.swift", "process.waitUntilExit()",
            "the process has ended, or was killed"
        ),
        (
            "denju/Bench/LoadRun.swift", "process.waitUntilExit()",
            "its run is over, and its patience is limited"
        ),
        (
            "ClusterTesting/Live/LiveCoordinator.swift", "while true {", "it throws at the deadline"
        ),
        (
            "ClusterTesting/Live/RawCaller.swift", "unsafe poll(&item",
            "the time left is its last argument"
        ),
        ("ClusterTesting/Live/RawCaller.swift", "unsafe recv(", "there is something to receive"),
        (
            "Telemetry/Monitoring/MonitorServer.swift", "unsafe poll(&waits",
            "a tenth of a second is its last argument"
        ),
        (
            "Telemetry/Monitoring/MonitorServer.swift", "accept(listener",
            "the listening socket does not block"
        ),
        (
            "Telemetry/Monitoring/MonitorServer.swift", "unsafe recv(",
            "guests' sockets do not block"
        ),
    ]

    private struct Line {
        let file: String
        let text: String
    }

    /// The lines of the rooms that talk to other processes or wait for them, without remarks.
    private static func lines() throws -> [Line] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let rooms = [
            "Checkpoints", "ZeroMQ", "Messages", "Cluster", "ClusterTesting", "Telemetry", "denju",
        ]
        return try rooms.flatMap { room -> [Line] in
            let folder = root.appending(path: room)
            let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            return try names.filter { $0.hasSuffix(".swift") }.sorted().flatMap { name in
                try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                    .split(separator: "\n").map { $0.drop { $0 == " " } }
                    .filter { !$0.hasPrefix("//") }
                    .map { Line(file: room + "/" + name, text: String($0)) }
            }
        }
    }

    @Test func everyWaitHasALimitOrAReason() throws {
        let lines = try Self.lines()
        #expect(lines.count > 5000, "the sources are not where they were")
        var used: Set<Int> = []
        for line in lines where Self.waits.contains(where: { line.text.contains($0) }) {
            let place = Self.allowed.firstIndex {
                $0.file == line.file && line.text.contains($0.line)
            }
            guard let place else {
                Issue.record("\(line.file) waits without a limit: \(line.text)")
                continue
            }
            used.insert(place)
        }
        for place in Self.allowed.indices where !used.contains(place) {
            Issue.record(
                "\(Self.allowed[place].file) does not wait any more: \(Self.allowed[place].line)")
        }
    }

    /// Whoever waits for sockets does so in a poller, which asks for a time.
    @Test func socketsAreWaitedForInPollersAlone() throws {
        for line in try Self.lines() where line.text.contains("poller.wait(") {
            #expect(
                line.text.contains("upTo:") || line.text.contains("until:"),
                "\(line.file): \(line.text)")
        }
    }
}
