/// How fast something goes, over the last half minute.
struct RecentRate {
    private var marks: [(done: Int, at: Duration)]

    private static let window = Duration.seconds(30)
    private static let grain = Duration.milliseconds(500)

    init(done: Int, at now: Duration) { marks = [(done, now)] }

    /// Takes note of how much is done, and gives how much is done a second; nil before any is.
    mutating func note(_ done: Int, at now: Duration) -> Double? {
        // The mark before the window's beginning stays: slow things need two marks as well.
        while marks.count > 1 && now - marks[1].at > RecentRate.window { marks.removeFirst() }
        let first = marks[0]
        if done > marks[marks.count - 1].done, now - marks[marks.count - 1].at >= RecentRate.grain {
            marks.append((done, now))
        }
        let seconds = (now - first.at).inSeconds
        return done > first.done && seconds > 0 ? Double(done - first.done) / seconds : nil
    }
}
