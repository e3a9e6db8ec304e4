import Cluster
import Foundation
import Glibc
import Launching
import Reporting
import Synchronization
import Telemetry
import Tensors
import Training
import ZeroMQ

/// A run whose workers are killed now and then, with what that cost.
struct KillTrial {
    /// One worker's death, and what it cost; in seconds.
    struct Death {
        /// From the signal to the coordinator's word of it.
        let detection: Double
        /// From the signal until another worker had called; nil if none did before the next death.
        let newcomer: Double?
        /// What the step it fell into took.
        let step: Double
        /// What the steps after it took until the one in which the newcomer was ready.
        let short: [Double]
        /// What the first took that was shared out with the newcomer there.
        let first: [Double]
        /// What those until the next death took.
        let later: [Double]

        /// Steps after the newcomer's first that may still be longer for it.
        private static let aftermath = 2
        /// What a step takes that it no longer lengthens, the median; nil where too few follow.
        var usual: Double? {
            later.count > 2 * Self.aftermath ? Array(later.dropFirst(Self.aftermath)).median : nil
        }
        /// What it cost in all, beside steps as those that follow; nil where too few do.
        var cost: Double? {
            usual.map { usual in
                let all = [step] + short + first + later.prefix(Self.aftermath)
                return all.reduce(0) { $0 + $1 - usual }
            }
        }
    }

    /// The timed steps.
    let seconds: [Double]
    /// A micro-shard's work on one thread, step by step.
    let shardSeconds: [Double]
    /// The timed steps from the first's begin to the last's end.
    let total: Double
    let deaths: [Death]
    /// That of the last weights.
    let sum: Checksum64

    /// Moments of the run that the steps' summaries do not hold.
    private struct EventLog {
        /// Kills, with the steps done before.
        var kills: [(at: ContinuousClock.Instant, step: Int)] = []
        var losses: [ContinuousClock.Instant] = []
        var joins: [ContinuousClock.Instant] = []
    }

    /// Takes `recipe`'s steps; a worker dies every so many of them, or none at all.
    ///
    /// The process that has been there longest dies, which is never a spare that still is one.
    /// What the workers fetch they keep in `folder`, so that newcomers find it there.
    init(
        _ recipe: Recipe, in parent: String, workers: Int, spares: Int, warmUp: Int, every: Int?
    ) throws {
        let folder = parent + "/" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let denju = try Executable.beside("denju")
        let log = Mutex(EventLog())
        let running = Mutex<LocalWorkerPool?>(nil)
        let trial = try Trial(
            recipe,
            .init(folder: folder, minimumWorkers: workers, heartbeatTimeout: .seconds(5)),
            observing: { event in
                switch event {
                case .membership(.lost): log.withLock { $0.losses.append(.now) }
                case .membership(.joined): log.withLock { $0.joins.append(.now) }
                case .step(let summary):
                    guard let every, summary.step >= warmUp, summary.step < recipe.steps,
                        (summary.step - warmUp) % every == every / 2
                    else { break }
                    // Somewhere in the next step, later each time.
                    let number = (summary.step - warmUp) / every
                    let delay = summary.seconds * Double(1 + 3 * number % 8) / 10
                    DispatchQueue.global().asyncAfter(deadline: .now() + delay) {
                        guard let victim = running.withLock({ $0?.processIDs })?.min() else {
                            return
                        }
                        log.withLock { $0.kills.append((.now, summary.step)) }
                        _ = kill(victim, SIGKILL)
                    }
                default: break
                }
            }
        ) { server, stop in
            let pool = LocalWorkerPool(
                executable: denju, endpoint: server.endpoint, workers: workers, spares: spares,
                threads: 1, cache: parent + "/cache", logs: folder + "/run",
                giveUp: { stop.fail($0) })
            running.withLock { $0 = pool }
            pool.start()
            return pool
        }
        let summaries = trial.steps.map(\.summary)
        let ends = trial.steps.map(\.end)
        let recorded = log.withLock { $0 }
        let timed = summaries[warmUp...]
        seconds = timed.map(\.seconds)
        shardSeconds = timed.map { step in
            step.workers.reduce(0) { $0 + $1.times.work / .seconds(1) } / Double(recipe.shards)
        }
        total = (ends[ends.count - 1] - ends[warmUp - 1]) / .seconds(1)
        let struck = recorded.kills.map { kill in ends.firstIndex { $0 > kill.at } ?? recipe.steps
        }
        deaths = recorded.kills.indices.compactMap { number in
            let at = recorded.kills[number].at
            let end = number + 1 < struck.count ? struck[number + 1] : recipe.steps
            guard struck[number] < end, let loss = recorded.losses.first(where: { $0 > at }) else {
                return nil
            }
            return Death(
                detection: (loss - at) / .seconds(1),
                newcomer: recorded.joins.first { $0 > at }.map { ($0 - at) / .seconds(1) },
                steps: summaries[struck[number]..<end])
        }
        sum = Checksum64(trial.server.learner.weights.map(\.tensor.checksum))
    }
}

extension KillTrial.Death {
    /// A death in the first of the given steps.
    fileprivate init(detection: Double, newcomer: Double?, steps: ArraySlice<StepSummary>) {
        self.detection = detection
        self.newcomer = newcomer
        step = steps.first?.seconds ?? 0
        let joined = steps.firstIndex { $0.counts.joins > 0 } ?? steps.endIndex - 1
        short = steps[..<(joined + 1)].dropFirst().map(\.seconds)
        let rest = steps[max(joined + 1, steps.startIndex + 1)...]
        first = rest.prefix(1).map(\.seconds)
        later = rest.dropFirst().map(\.seconds)
    }
}
