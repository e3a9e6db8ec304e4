package import Cluster
import Foundation
import Synchronization
import Tensors
import Training
package import ZeroMQ

/// Real coordinator in this process, with sockets and files, on a thread of its own; a step over its
/// streets takes milliseconds.
package final class LiveCoordinator: Sendable {
    /// Its events so far.
    package struct Progress: Sendable {
        /// Completed steps.
        package var steps = 0
        /// Its remarks for a person.
        package var notes: [String] = []
        /// Changes of its workers, and of the trust in them.
        package var events: [ClusterEvent] = []
        /// The newest step's record.
        package var last: StepSummary?
        /// The hash over the bits of its weights, or the reason of its failure; nil while it runs.
        package fileprivate(set) var outcome: Result<UInt64, LiveError>?
    }

    private final class Board: Sendable {
        let condition = NSCondition()
        let progress = Mutex(Progress())

        func change(_ body: (inout Progress) -> Void) {
            condition.lock()
            progress.withLock { body(&$0) }
            condition.broadcast()
            condition.unlock()
        }
    }

    /// The endpoint it listens at.
    package let endpoint: Endpoint
    private let board: Board
    private let request: StopRequest
    private let folder: String

    /// Starts a run of so many steps.
    ///
    /// - Parameter change: changes the settings first.
    package init(
        steps: Int, seed: UInt64 = 1, _ change: (inout CoordinatorSettings) -> Void = { _ in }
    ) throws {
        let board = Board()
        let request = StopRequest()
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "denju-live-" + UUID().uuidString
        ).path
        let recipe = try Recipe(yaml: Self.recipe, steps: steps, seed: seed)
        var settings = CoordinatorSettings(
            endpoint: .tcp(host: "127.0.0.1", port: nil), folder: folder,
            workerTimeout: .seconds(60))
        change(&settings)
        let listening = Mutex<Endpoint?>(nil)
        let thread = Thread { [settings] in
            let result: Result<UInt64, LiveError>
            do {
                let server = try CoordinatorServer(recipe, settings, stop: request) { event in
                    board.change { progress in
                        switch event {
                        case .diagnostic(let diagnostic):
                            progress.notes.append("\(diagnostic)")
                        case .cluster(let event): progress.events.append(event)
                        case .step(let summary):
                            progress.steps = summary.step
                            progress.last = summary
                        default: break
                        }
                    }
                }
                // Within a change, which wakes the thread that waits for the address.
                board.change { _ in listening.withLock { $0 = server.endpoint } }
                _ = try server.serve()
                result = .success(server.learner.digest)
            } catch {
                result = .failure(LiveError("\(error)"))
            }
            board.change { $0.outcome = result }
        }
        thread.stackSize = 16 << 20
        thread.start()
        (self.board, self.request, self.folder) = (board, request, folder)
        try Self.wait(on: board, "address") { _ in listening.withLock { $0 } != nil }
        endpoint = listening.withLock { $0 }!
    }

    /// The digest of a run's weights after so many steps with one sound worker and no other client.
    ///
    /// - Parameter steps: the steps of the run, of which it may stop after fewer.
    package static func undisturbedDigest(
        steps: Int, stopAfter: Int? = nil, seed: UInt64
    ) throws -> UInt64 {
        let coordinator = try LiveCoordinator(steps: steps, seed: seed) { $0.stopAfter = stopAfter }
        let worker = try LiveWorker(at: coordinator.endpoint)
        defer { worker.stop() }
        return try coordinator.outcome(within: .seconds(600)).digest
    }

    deinit {
        request.stop("the test is over")
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Its progress now.
    package var progress: Progress { board.progress.withLock { $0 } }

    /// Waits until a condition of its progress holds, which each event may change.
    ///
    /// Throws ``LiveError`` if it does not hold within the limit, or the run ends before.
    package func waits(
        for what: String, within limit: Duration = .seconds(60), until holds: (Progress) -> Bool
    ) throws {
        try Self.wait(on: board, what, within: limit, until: holds)
    }

    private static func wait(
        on board: Board, _ what: String, within limit: Duration = .seconds(60),
        until holds: (Progress) -> Bool
    ) throws {
        let deadline = Date().addingTimeInterval(limit / .seconds(1))
        board.condition.lock()
        defer { board.condition.unlock() }
        while true {
            let progress = board.progress.withLock { $0 }
            if holds(progress) { return }
            if case .failure(let error)? = progress.outcome { throw error }
            guard progress.outcome == nil, board.condition.wait(until: deadline) else {
                throw LiveError(
                    "There is no \(what); its latest remarks: "
                        + progress.notes.suffix(5).joined(separator: " | ")
                )
            }
        }
    }

    /// Waits for its next event, if one comes within the time.
    package func waitForEvent(upTo limit: Duration) {
        board.condition.lock()
        defer { board.condition.unlock() }
        _ = board.condition.wait(until: Date().addingTimeInterval(limit / .seconds(1)))
    }

    /// Asks it to end after the current step.
    package func stop() { request.stop("the test needs no more steps") }

    /// Waits for its end; returns the hash over the bits of its weights, and its steps.
    package func outcome(within limit: Duration = .seconds(60)) throws -> (
        digest: UInt64, steps: Int
    ) {
        try waits(for: "end", within: limit) { $0.outcome != nil }
        let progress = progress
        return (try progress.outcome!.get(), progress.steps)
    }

    private static let recipe = """
        data:
          source: streets
          scenes: {training: 7, validation: 2}
          options: {beams: 16, azimuth-steps: 64, range: 15}
        grid: 0.4
        points: 200
        features: [position, intensity]
        student:
          stride: [2]
          enc_depths: [1, 1]
          enc_channels: [8, 16]
          enc_num_head: [1, 2]
          dec_depths: [1]
          dec_channels: [8]
          dec_num_head: [1]
          patch_size: 32
          order: [z, hilbert]
        objectives:
          - task.cross-entropy
          - task.lovasz
        steps: 100
        batch: 5
        checkpoints: {every: 1000000}

        """
}

/// Failure of a run in a test.
package struct LiveError: Error, CustomStringConvertible {
    /// The failure in a sentence.
    package let description: String
    init(_ description: String) { self.description = description }
}

extension Learner {
    /// A hash over the bits of weights and optimiser.
    fileprivate var digest: UInt64 {
        Checksum64((Array(weights) + Array(moments)).map(\.tensor.checksum)).value
    }
}
