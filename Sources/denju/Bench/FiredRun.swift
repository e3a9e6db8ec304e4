import Cluster
import Foundation
import Glibc
import Synchronization
import Telemetry
import Tensors
import Training
import ZeroMQ

/// A run whose workers are killed now and then, with what that cost.
struct FiredRun {
    /// One worker's death.
    struct Death {
        /// From the signal to the coordinator's word of it, seconds.
        let detection: Double
        /// The step it fell into, seconds.
        let step: Double
    }

    /// The timed steps.
    let seconds: [Double]
    /// A micro-shard's work on one thread, step by step.
    let shardSeconds: [Double]
    /// The timed steps from the first's begin to the last's end.
    let total: Double
    let deaths: [Death]
    /// A hash over the bits of the last weights.
    let digest: UInt64

    private struct Diary {
        var steps: [StepSummary] = []
        var ends: [ContinuousClock.Instant] = []
        /// Kills with the step at hand, and what was said of workers that went.
        var kills: [(at: ContinuousClock.Instant, step: Int)] = []
        var losses: [ContinuousClock.Instant] = []
    }

    /// Takes `recipe`'s steps; a worker dies every so many of them, or none at all.
    init(_ recipe: Recipe, workers: Int, warmUp: Int, every: Int?) throws {
        let folder =
            FileManager.default.temporaryDirectory.path + "/denju-bench-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let progress = Progress("timing", total: recipe.steps, unit: "step")
        let diary = Mutex(Diary())
        let stop = StopRequest.onSignals()
        let striker = Mutex<LocalCrew?>(nil)
        let server = try CoordinatorServer(
            recipe,
            CoordinatorSettings(
                endpoint: try Endpoint("tcp://127.0.0.1:*"), folder: folder + "/run",
                minimumWorkers: workers, heartbeatTimeout: .seconds(5)),
            stop: stop
        ) { event in
            switch event {
            case .note(let line) where line.contains("is gone"):
                diary.withLock { $0.losses.append(.now) }
            case .step(let summary):
                diary.withLock {
                    $0.steps.append(summary)
                    $0.ends.append(.now)
                }
                progress.update(summary.step, note: "")
                guard let every, summary.step >= warmUp, summary.step < recipe.steps,
                    (summary.step - warmUp) % every == every / 2
                else { break }
                // Somewhere in the next step, later each time.
                let number = (summary.step - warmUp) / every
                let delay = summary.seconds * Double(1 + 3 * number % 8) / 10
                DispatchQueue.global().asyncAfter(deadline: .now() + delay) {
                    guard let victim = striker.withLock({ $0?.processIDs })?.min() else { return }
                    diary.withLock { $0.kills.append((.now, summary.step)) }
                    _ = kill(victim, SIGKILL)
                }
            default: break
            }
        }
        let crew = LocalCrew(
            endpoint: server.endpoint, workers: workers, threads: 1, cache: folder + "/cache",
            logs: folder + "/run", giveUp: { stop.fail($0) })
        striker.withLock { $0 = crew }
        crew.start()
        defer { crew.end() }
        _ = try server.serve()
        progress.finish()
        let told = diary.withLock { $0 }
        guard told.steps.count == recipe.steps else {
            throw UserError("The bench was stopped after \(told.steps.count) steps.")
        }
        let timed = told.steps[warmUp...]
        seconds = timed.map(\.seconds)
        shardSeconds = timed.map { step in
            step.workers.reduce(0) { $0 + $1.times.work / .seconds(1) } / Double(recipe.shards)
        }
        total = (told.ends[told.ends.count - 1] - told.ends[warmUp - 1]) / .seconds(1)
        deaths = told.kills.compactMap { kill in
            guard let loss = told.losses.first(where: { $0 > kill.at }),
                let step = told.steps.indices.first(where: { told.ends[$0] > kill.at })
            else { return nil }
            return Death(
                detection: (loss - kill.at) / .seconds(1), step: told.steps[step].seconds)
        }
        digest = server.learner.weights.reduce(0) { $1.tensor.bitDigest(after: $0) }
    }
}
