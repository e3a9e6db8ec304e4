/// The progress of a long task: a redrawn line on a terminal, and occasional plain lines elsewhere.
///
///     training  ━━━━━━━━━╺━━━━━━━━━  480/1,000  3.41 steps/s  2 min 32 s left  loss 0.412
///
/// The time is an argument (of any monotonic clock) and the text is passed to a closure, so that
/// tests need neither a clock nor a terminal.
package struct ProgressBar {
    /// The destination of the text.
    package enum Surface: Sendable, Equatable {
        /// A terminal with a number of columns.
        case terminal(columns: Int)
        /// A file or a pipe.
        case lines
    }

    /// The task's name.
    package let title: String
    /// The amount of work; nil if it is unknown.
    package var total: Int?
    /// The destination, with the terminal's current width.
    package var surface: Surface

    private let unit: String
    private let write: (String) -> Void
    private let began: Duration
    private let firstDone: Int
    private var rate: RecentRate
    private var perSecond: Double?
    private var done: Int
    private var note = ""
    private var lastShown: Duration?
    private var shownDone: Int?
    private var isFinished = false

    /// The shortest time between redraws.
    private static let redrawInterval = Duration.milliseconds(100)
    /// The shortest time between plain lines, one of which follows each tenth of the work.
    private static let shortestPause = Duration.seconds(2)
    /// The time after which a plain line follows if there was any progress.
    private static let longestPause = Duration.seconds(60)

    /// A bar at `done` of `total` units of work; `unit` is their plural, such as `steps`.
    package init(
        _ title: String, total: Int?, startingAt done: Int = 0, unit: String, surface: Surface,
        at now: Duration, write: @escaping (String) -> Void
    ) {
        self.title = title
        self.total = total
        self.unit = unit
        self.surface = surface
        self.write = write
        self.done = done
        firstDone = done
        began = now
        rate = RecentRate(done: done, at: now)
    }

    /// Updates the completed amount, and a note such as `loss 0.412`.
    package mutating func update(_ done: Int, note: String = "", at now: Duration) {
        guard !isFinished else { return }
        self.done = done
        self.note = note.visible()
        perSecond = rate.note(done, at: now) ?? perSecond
        if isDue(at: now) { show(at: now) }
    }

    /// Prints a separate line and redraws the bar.
    package mutating func say(_ line: String, at now: Duration) {
        let line = line.visible()
        guard case .terminal = surface, !isFinished, lastShown != nil else {
            return write(line + "\n")
        }
        write(ProgressBar.clear + line + "\n")
        show(at: now)
    }

    /// Ends the bar with its final state and the elapsed time; later calls have no effect.
    package mutating func finish(note: String? = nil, at now: Duration) {
        guard !isFinished else { return }
        if let note { self.note = note.visible() }
        isFinished = true
        let elapsed = now - began
        // A resumed task has not done the work before its first step.
        let count = done - firstDone
        let seconds = elapsed.inSeconds
        perSecond = count > 0 && seconds > 0 ? Double(count) / seconds : nil
        let parts = [
            title, amount, speed, "in " + Readable.duration(elapsed), self.note,
        ]
        let text = parts.filter { !$0.isEmpty }.joined(separator: "  ")
        switch surface {
        case .terminal(let columns):
            // One column is left free: terminals wrap a line that fills the last one.
            write(ProgressBar.clear + text.fitted(to: max(1, columns - 1)) + "\n")
        case .lines: write(text + "\n")
        }
    }

    // MARK: - When

    private func isDue(at now: Duration) -> Bool {
        switch surface {
        case .terminal:
            guard let lastShown else { return true }
            return now - lastShown >= ProgressBar.redrawInterval || done == total
        case .lines:
            let last = shownDone ?? firstDone
            guard done > last else { return false }
            let pause = now - (lastShown ?? began)
            if pause >= ProgressBar.longestPause { return true }
            guard pause >= ProgressBar.shortestPause, let total else { return false }
            return done - last >= max(1, total / 10)
        }
    }

    // MARK: - What

    private static let clear = "\r\u{1B}[K"

    private mutating func show(at now: Duration) {
        lastShown = now
        shownDone = done
        switch surface {
        case .terminal(let columns): write(ProgressBar.clear + line(columns: columns - 1))
        case .lines:
            let parts = [title, amount, percentage, speed, remaining, note]
            write(parts.filter { !$0.isEmpty }.joined(separator: "  ") + "\n")
        }
    }

    private var amount: String {
        let done = Readable.count(done)
        return total.map { done + "/" + Readable.count($0) } ?? done + " " + unit
    }

    private var percentage: String {
        guard let total, total > 0 else { return "" }
        return "\(min(max(done, 0), total) * 100 / total)%"
    }

    private var speed: String {
        guard let perSecond else { return "" }
        let one = unit.hasSuffix("s") ? String(unit.dropLast()) : unit
        return Readable.rate(perSecond, of: unit, each: one)
    }

    private var remaining: String {
        guard let total, let perSecond, perSecond > 0, done < total else { return "" }
        return Readable.duration(seconds: Double(total - done) / perSecond) + " left"
    }

    /// The line within a number of columns.
    ///
    /// In narrow terminals the bar shrinks; then note, speed, remaining time and bar are dropped in
    /// this order.
    private func line(columns: Int) -> String {
        for (parts, smallest) in [
            ([amount, speed, remaining, note], 10), ([amount, speed, remaining], 10),
            ([amount, remaining], 10), ([amount], 10), ([amount], 0),
        ] {
            let text = parts.filter { !$0.isEmpty }.joined(separator: "  ")
            let fixed = title.displayWidth + 2 + text.displayWidth
            let room = columns - fixed - 2
            if total != nil && smallest > 0 {
                if room >= smallest { return "\(title)  \(bar(width: min(room, 40)))  \(text)" }
            } else if columns >= fixed {
                return "\(title)  \(text)"
            }
        }
        return amount.fitted(to: columns)
    }

    private func bar(width: Int) -> String {
        guard let total else { return "" }
        let fraction = total > 0 ? Double(min(max(done, 0), total)) / Double(total) : 1
        let full = Int(fraction * Double(width))
        let half = full < width ? "╺" : ""
        return String(repeating: "━", count: full) + half
            + String(repeating: "─", count: max(0, width - full - 1))
    }
}
