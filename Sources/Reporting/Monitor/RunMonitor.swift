import Foundation
import Synchronization
package import Telemetry
package import Training

/// The HTTP interface of a running coordinator: a live page, metrics for Prometheus, liveness and
/// readiness.
///
/// | path | |
/// |---|---|
/// | `/` | the live page |
/// | `/live` | the content that the page reloads |
/// | `/metrics` | Prometheus' text format |
/// | `/healthz` | 200 while the coordinator's thread runs |
/// | `/readyz` | 200 while steps or validations progress |
/// | `/status.json` | the status that `denju status` shows |
/// | `/trace.json` | the last steps, for Perfetto or Chrome's tracer |
package final class RunMonitor: Sendable {
    private struct State {
        var records: [StepRecord] = []
        var validations: [ValidationRecord] = []
        var trace = Trace()
        var status: RunStatus?
        /// The last sign of the coordinator's thread.
        var lastStatus = ContinuousClock.now
        /// The last completed step or validated scan; nil before the first.
        var progressed: ContinuousClock.Instant?
        var totals = MonitorTotals()
    }

    /// The page's address: `host:port`.
    var address: String { server.withLock { $0?.address ?? "" } }

    private let folder: String
    private let formula: String
    private let steps: Int
    private let state = Mutex(State())
    private let server = Mutex<MonitorServer?>(nil)

    /// The maximum number of steps that the curves keep; beyond it, every second one is dropped.
    // It bounds the coordinator's memory and the content that browsers reload every second.
    private static let maximumRecords = 4000

    /// Listens at `[host:]port`.
    package init(_ place: String, run: String, recipe: Recipe) throws {
        folder = run
        formula = "\(recipe.objectives)"
        steps = recipe.steps
        guard let (host, port) = Self.place(place) else {
            throw UserError(
                "--monitor is '\(place)': give a port, host:port or [ipv6]:port; port 0 takes a free "
                    + "one.")
        }
        // The monitor owns the server, whose thread must not keep the monitor alive.
        let server = try MonitorServer(host: host, port: port) { [weak self] path in
            self?.response(to: path)
        }
        self.server.withLock { $0 = server }
    }

    /// The host without brackets, and the port, of `[host:]port`; nil if the text is neither.
    private static func place(_ text: String) -> (host: String, port: UInt16)? {
        guard let colon = text.lastIndex(of: ":") else {
            return UInt16(text).map { ("127.0.0.1", $0) }
        }
        var host = text[..<colon]
        guard let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        if isBracketed { host = host.dropFirst().dropLast() }
        // Without brackets the last group of an IPv6 address could be meant as the port.
        guard !host.isEmpty, host.contains(":") == isBracketed else { return nil }
        return (String(host), port)
    }

    /// Writes the page's address to the run's folder and to standard error.
    package func publish() throws {
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
        try "http://\(address)/\n".write(
            toFile: folder + "/" + RunFolder.monitor, atomically: true, encoding: .utf8)
        printMessage("live page at http://\(address)/")
    }

    // MARK: - Events

    package func record(_ record: StepRecord, _ trace: Trace.Step) {
        state.withLock { state in
            state.records.append(record)
            if state.records.count > Self.maximumRecords {
                // The newest record stays: the page's figures are taken from it.
                let last = state.records.count - 1
                state.records = state.records.enumerated().filter {
                    $0.offset % 2 == last % 2
                }.map(\.element)
            }
            state.trace.keep(trace)
            state.totals.add(record)
            state.progressed = .now
        }
    }

    package func record(_ record: ValidationRecord) {
        state.withLock { state in
            state.validations.append(record)
            state.progressed = .now
        }
    }

    package func record(_ status: RunStatus) {
        state.withLock { state in
            // A labelled validation scan is progress too.
            if status.stage == .validating { state.progressed = .now }
            state.status = status
            state.lastStatus = .now
        }
    }

    /// Stops listening.
    package func finish() {
        server.withLock { server in
            server?.stop()
            server = nil
        }
        try? FileManager.default.removeItem(atPath: folder + "/" + RunFolder.monitor)
    }

    // MARK: - Responses

    private func response(to path: String) -> MonitorServer.Answer? {
        let state = state.withLock { $0 }
        switch path {
        case "/":
            return .init(
                LivePage(title: title, formula: formula).html, type: "text/html; charset=utf-8")
        case "/live":
            let live = LivePage(title: title, formula: formula).content(
                records: state.records, validations: state.validations, status: state.status,
                trace: state.trace.steps.suffix(4))
            return .init(live, type: "text/html; charset=utf-8")
        case "/metrics":
            return .init(
                state.totals.exposition(
                    state.status, state.records.last, state.validations.last,
                    idle: state.progressed.map { (.now - $0) / .seconds(1) }),
                type: "text/plain; version=0.0.4; charset=utf-8")
        case "/healthz": return health(state)
        case "/readyz": return readiness(state)
        case "/status.json":
            guard let status = state.status, let data = try? JSONEncoder().encode(status) else {
                return .init("The run has not started.\n", status: 503)
            }
            return .init(
                String(decoding: data, as: UTF8.self) + "\n", type: "application/json")
        case "/trace.json":
            return (try? state.trace.chromeJSON).map {
                .init($0, type: "application/json")
            }
        default: return nil
        }
    }

    private var title: String { URL(fileURLWithPath: folder).lastPathComponent }

    /// Healthy while the coordinator's thread reports its status, which it does several times per
    /// second with the default heartbeat timeout.
    private func health(_ state: State) -> MonitorServer.Answer {
        let silence = (ContinuousClock.now - state.lastStatus) / .seconds(1)
        return silence < 60
            ? .init("The coordinator is running.\n")
            : .init(
                "The coordinator has reported nothing for \(Readable.duration(seconds: silence)).\n",
                status: 503)
    }

    /// Ready if a step or a validated scan was completed within ten times the duration of a step, at
    /// least a minute.
    private func readiness(_ state: State) -> MonitorServer.Answer {
        guard let progressed = state.progressed else {
            let missing = state.status?.missing ?? 0
            return .init(
                missing > 0
                    ? "No step is complete: \(missing) more workers are needed.\n"
                    : "No step is complete yet.\n", status: 503)
        }
        let silence = (ContinuousClock.now - progressed) / .seconds(1)
        let limit = max(60, 10 * (state.status?.secondsAStep ?? 0))
        let step = max(state.records.last?.step ?? 0, state.status?.step ?? 0)
        return silence < limit
            ? .init("Step \(step) of \(steps) is complete.\n")
            : .init(
                "No step has been completed for \(Readable.duration(seconds: silence)).\n",
                status: 503)
    }
}
