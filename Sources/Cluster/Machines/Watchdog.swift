import Training

extension CoordinatorMachine {
    /// Work that is out with a worker, and what of it has not come yet.
    package struct Wait: Sendable, Equatable {
        /// What is still to come.
        package enum Part: Sendable, Equatable {
            /// What the objectives must know of the mini-batch, in this exchange.
            case contribution(round: Int)
            /// Gradients or the report.
            case gradient
            /// Labels of validation samples.
            case label
        }

        /// Who has it.
        package var worker: WorkerID
        /// Micro-shards, or validation samples.
        package var places: [Int]
        /// What is still to come of them.
        package var part: Part
        /// When it was handed out; nil where nobody has put that down.
        package var since: Duration?
    }

    /// What is waited for at this moment, and from whom; empty when all that is missing is workers.
    package var waits: [Wait] {
        switch team.work {
        case .step(let ledger):
            let round = ledger.round
            return ledger.leased.filter { ledger.isAwaited($0.node) }.map { holding in
                Wait(
                    worker: holding.worker,
                    places: Array(holding.node.shards(of: settings.shape.shards)),
                    part: round < settings.shape.exchanges
                        ? .contribution(round: round) : .gradient,
                    since: holding.since)
            }
        case .labels(_, let ledger):
            return ledger.holders.map {
                Wait(worker: $0, places: ledger.samples(of: $0), part: .label, since: nil)
            }
        case .nothing: return []
        }
    }
}

/// Says in one line who waits for whom when nothing has advanced for too long, and again when it has
/// lasted twice as long.
package struct Watchdog {
    /// How long nothing may advance before it is said.
    package let limit: Duration
    private var said = Duration.zero

    /// A watchdog of a run; all time limits derive from its heartbeat timeout.
    package init(heartbeatTimeout: Duration) { limit = heartbeatTimeout * 6 }

    /// The line, if it is time for one.
    ///
    /// - Parameters:
    ///   - advanced: when something advanced last.
    ///   - missing: how many workers must join before anything can be done.
    ///   - preparing: workers that have come and are not ready yet.
    ///   - name: how records call a worker.
    package mutating func line(
        step: Int, advanced: Duration, now: Duration, waits: [CoordinatorMachine.Wait],
        missing: Int, preparing: [String], name: (WorkerID) -> String
    ) -> String? {
        let still = now - advanced
        guard still > limit else {
            said = .zero
            return nil
        }
        guard said == .zero || still > said * 2 else { return nil }
        said = still
        var parts = waits.map { wait in
            let since = wait.since.map { " for \(seconds(now - $0))" } ?? ""
            return "\(name(wait.worker)) has had \(wait.what)\(since)"
        }
        if missing > 0 { parts.append("\(missing) more workers must join") }
        if !preparing.isEmpty {
            parts.append("\(preparing.joined(separator: ", ")) still prepare")
        }
        if parts.isEmpty { parts = ["nobody has anything to do, which is a mistake in denju"] }
        return "step \(step + 1) has not advanced for \(seconds(still)): "
            + parts.joined(separator: "; ")
    }

    private func seconds(_ duration: Duration) -> String {
        let tenths = Int((duration.seconds * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) s"
    }
}

extension CoordinatorMachine.Wait {
    fileprivate var what: String {
        let range = places.count > 8 ? "\(places[0]) to \(places[places.count - 1])" : nil
        let list = range ?? places.map(String.init).joined(separator: ", ")
        return switch part {
        case .contribution(let round): "micro-shards \(list) (contribution \(round + 1) is missing)"
        case .gradient: "micro-shards \(list) (gradients are missing)"
        case .label: "validation samples \(list)"
        }
    }
}
