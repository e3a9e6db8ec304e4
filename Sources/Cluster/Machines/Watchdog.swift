import Training

extension CoordinatorMachine {
    /// Leased work of which something has not arrived.
    package struct Wait: Sendable, Equatable {
        /// Part of the work's results.
        package enum Part: Sendable, Equatable {
            /// The contribution to an exchange.
            case contribution(round: Int)
            /// Gradients or the report.
            case gradient
            /// Labels of validation samples.
            case label
        }

        /// The worker that holds it.
        package var worker: WorkerID
        /// Its micro-shards or validation samples.
        package var places: [Int]
        /// The part that is missing.
        package var part: Part
        /// Time of the lease; nil for validation samples.
        package var since: Duration?
    }

    /// Everything the run waits for; empty if only workers are missing.
    package var waits: [Wait] {
        if let step = work.step {
            let round = step.round
            return work.leases.entries.filter { step.isAwaited($0.node) }.map { entry in
                Wait(
                    worker: entry.worker,
                    places: Array(entry.node.shards(of: settings.shape.shards)),
                    part: round < settings.shape.exchanges
                        ? .contribution(round: round) : .gradient,
                    since: entry.since)
            }
        }
        guard let validation = work.validation else { return [] }
        return validation.workers.map {
            Wait(worker: $0, places: validation.samples(of: $0), part: .label, since: nil)
        }
    }
}

/// Reports a run that does not advance: one line that says which results and workers are missing, and
/// another whenever the standstill has lasted twice as long.
package struct Watchdog {
    /// The longest standstill that is not reported.
    package let limit: Duration
    /// The length of the standstill when it was last reported.
    private var reported = Duration.zero

    /// A watchdog of a run; all time limits derive from its heartbeat timeout.
    package init(heartbeatTimeout: Duration) { limit = heartbeatTimeout * 6 }

    /// The line to report now; nil if there is none.
    ///
    /// - Parameters:
    ///   - advanced: when work was last leased or completed.
    ///   - missing: how many workers must join before the run can go on.
    ///   - preparing: workers that have joined and are not ready.
    ///   - stalled: the time for which a worker that answers has finished no phase; nil if unknown.
    ///   - name: the name of a worker in records.
    package mutating func line(
        step: Int, advanced: Duration, now: Duration, waits: [CoordinatorMachine.Wait],
        missing: Int, preparing: [String], stalled: (WorkerID) -> Duration? = { _ in nil },
        name: (WorkerID) -> String
    ) -> String? {
        let standstill = now - advanced
        guard standstill > limit else {
            reported = .zero
            return nil
        }
        // A run that stands still for a night must not fill the log.
        guard reported == .zero || standstill > reported * 2 else { return nil }
        reported = standstill
        var parts = waits.map { wait in
            let since = wait.since.map { " for \(seconds(now - $0))" } ?? ""
            return "\(name(wait.worker)) has had \(wait.work)\(since)"
                + hang(stalled(wait.worker).map { min($0, wait.since.map { now - $0 } ?? $0) })
        }
        if missing > 0 { parts.append("\(missing) more workers must join") }
        if !preparing.isEmpty {
            parts.append("\(preparing.joined(separator: ", ")) still prepare")
        }
        if parts.isEmpty { parts = ["no worker holds any work, which is a defect of denju"] }
        return "step \(step + 1) has not advanced for \(seconds(standstill)): "
            + parts.joined(separator: "; ")
    }

    /// The remark on a worker that answers while its computation hangs.
    ///
    /// A worker that is only slow finishes a phase within the limit, or is reported as holding its
    /// work for long.
    private func hang(_ standstill: Duration?) -> String {
        guard let standstill, standstill > limit / 2 else { return "" }
        return " and answers, but its computation has not advanced for \(seconds(standstill))"
    }

    private func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration.seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension CoordinatorMachine.Wait {
    /// The work and its missing part, as a person reads it.
    fileprivate var work: String {
        let range = places.count > 8 ? "\(places[0]) to \(places[places.count - 1])" : nil
        let list = range ?? places.map(String.init).joined(separator: ", ")
        return switch part {
        case .contribution(let round): "micro-shards \(list) (contribution \(round + 1) is missing)"
        case .gradient: "micro-shards \(list) (gradients are missing)"
        case .label: "validation samples \(list)"
        }
    }
}
