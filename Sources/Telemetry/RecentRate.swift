/// The rate of progress over the last half minute.
struct RecentRate {
    private var marks: [(done: Int, at: Duration)]

    private static let window = Duration.seconds(30)
    private static let grain = Duration.milliseconds(500)

    init(done: Int, at now: Duration) { marks = [(done, now)] }

    /// Records the completed amount, and returns the rate per second; nil before any progress.
    mutating func note(_ done: Int, at now: Duration) -> Double? {
        // One mark before the window is kept: slow progress may have only one mark within it.
        while marks.count > 1 && now - marks[1].at > RecentRate.window { marks.removeFirst() }
        let first = marks[0]
        if done > marks[marks.count - 1].done, now - marks[marks.count - 1].at >= RecentRate.grain {
            marks.append((done, now))
        }
        let seconds = (now - first.at).inSeconds
        return done > first.done && seconds > 0 ? Double(done - first.done) / seconds : nil
    }
}
