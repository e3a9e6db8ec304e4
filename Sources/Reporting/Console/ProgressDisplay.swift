import Synchronization
import Telemetry

/// A progress bar on standard error that any thread may update.
package final class ProgressDisplay: Sendable {
    private struct State {
        var bar: ProgressBar
        var done = 0
    }

    private let state: Mutex<State>?
    private static let start = ContinuousClock.now

    /// The time since the program's first progress bar.
    package static var now: Duration { ContinuousClock.now - start }

    package init(
        _ title: String, total: Int, startingAt done: Int = 0, unit: String, isShown: Bool = true
    ) {
        guard isShown else {
            state = nil
            return
        }
        let bar = ProgressBar(
            title, total: total, startingAt: done, unit: unit + "s", surface: Self.surface,
            at: Self.now
        ) { StandardError.write($0) }
        state = Mutex(State(bar: bar, done: done))
    }

    // In a log file a bar that rewrites its line would be unreadable.
    private static var surface: ProgressBar.Surface {
        Terminal.columns(of: 2).map { .terminal(columns: $0) } ?? .lines
    }

    /// Counts one more unit as done.
    package func advance() {
        state?.withLock { state in
            state.done += 1
            state.bar.update(state.done, at: Self.now)
        }
    }

    /// Sets the number of units done, with a note beside the bar.
    package func update(_ done: Int, note: String) {
        state?.withLock { state in
            state.done = done
            state.bar.update(done, note: note, at: Self.now)
        }
    }

    /// Prints a line above the bar.
    package func print(_ line: String) { state?.withLock { $0.bar.say(line, at: Self.now) } }

    package func finish() { state?.withLock { $0.bar.finish(at: Self.now) } }
}
