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

/// A run whose workers are killed at intervals, and the cost of each kill.
struct KillTrial {
    /// The death of one worker and its cost, in seconds.
    struct Death {
        /// The time from the signal to the coordinator's event.
        let detection: Double
        /// The time from the signal until another worker joined; nil if none joined before the next death.
        let replacement: Double?
        /// The duration of the interrupted step.
        let step: Double
        /// The durations of the following steps until the one in which the new worker was ready.
        let short: [Double]
        /// The duration of the first step with leases for the new worker.
        let first: [Double]
        /// The durations of the later steps until the next death.
        let later: [Double]

        /// The number of later steps that the new worker may still prolong.
        private static let settlingSteps = 2
        /// The median duration of the steps after settling; nil if there are too few.
        var usual: Double? {
            later.count > 2 * Self.settlingSteps
                ? Array(later.dropFirst(Self.settlingSteps)).median : nil
        }
        /// The total cost relative to the steps after settling; nil if there are too few.
        var cost: Double? {
            usual.map { usual in
                let all = [step] + short + first + later.prefix(Self.settlingSteps)
                return all.reduce(0) { $0 + $1 - usual }
            }
        }
    }

    /// The durations of the timed steps.
    let seconds: [Double]
    /// The mean work of a micro-shard on one thread in each step.
    let shardSeconds: [Double]
    /// The time from the start of the first timed step to the end of the last.
    let total: Double
    let deaths: [Death]
    /// The checksum of the final weights.
    let checksum: Checksum64

    /// Moments of the run that the steps' summaries do not hold.
    private struct EventLog {
        /// Kills, with the steps done before.
        var kills: [(at: ContinuousClock.Instant, step: Int)] = []
        var losses: [ContinuousClock.Instant] = []
        var joins: [ContinuousClock.Instant] = []
    }

    /// Runs the recipe; a worker is killed every `every` steps, or none if nil.
    ///
    /// The oldest process is killed, which is never a standby worker. Fetched files are cached in
    /// `parent`, so that new workers find them.
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
            // The default timeout, on which the time to detection depends.
            .init(folder: folder, minimumWorkers: workers, heartbeatTimeout: .seconds(5)),
            observing: { event in
                switch event {
                case .cluster(.lost): log.withLock { $0.losses.append(.now) }
                case .cluster(.joined): log.withLock { $0.joins.append(.now) }
                case .step(let summary):
                    guard let every, summary.step >= warmUp, summary.step < recipe.steps,
                        (summary.step - warmUp) % every == every / 2
                    else { break }
                    // The moment within the next step differs from kill to kill, so that every phase of
                    // a step is interrupted.
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
        let interrupted = recorded.kills.map { kill in
            ends.firstIndex { $0 > kill.at } ?? recipe.steps
        }
        deaths = recorded.kills.indices.compactMap { number in
            let at = recorded.kills[number].at
            let end = number + 1 < interrupted.count ? interrupted[number + 1] : recipe.steps
            // A second death within one step would count the same delay twice.
            guard interrupted[number] < end, let loss = recorded.losses.first(where: { $0 > at })
            else {
                return nil
            }
            return Death(
                detection: (loss - at) / .seconds(1),
                replacement: recorded.joins.first { $0 > at }.map { ($0 - at) / .seconds(1) },
                steps: summaries[interrupted[number]..<end])
        }
        checksum = Checksum64(trial.server.learner.weights.map(\.tensor.checksum))
    }
}

extension KillTrial.Death {
    /// A death that interrupted the first of the given steps.
    fileprivate init(detection: Double, replacement: Double?, steps: ArraySlice<StepSummary>) {
        self.detection = detection
        self.replacement = replacement
        step = steps.first?.seconds ?? 0
        let joined = steps.firstIndex { $0.counts.joins > 0 } ?? steps.endIndex - 1
        short = steps[..<(joined + 1)].dropFirst().map(\.seconds)
        let rest = steps[max(joined + 1, steps.startIndex + 1)...]
        first = rest.prefix(1).map(\.seconds)
        later = rest.dropFirst().map(\.seconds)
    }
}
