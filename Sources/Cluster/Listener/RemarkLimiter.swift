/// Decides which remarks on clients are recorded.
///
/// Clients choose the texts and repeat them: without a limit they could fill the log, and a limit on
/// their number would silence it for good. A text is recorded again after a minute, then after twice as
/// long each time, up to an hour; and at most ``perMinute`` texts are recorded in a minute. A pure state
/// machine; time is an argument.
package struct RemarkLimiter {
    /// The most texts in a minute.
    package static let perMinute = 20

    private static let firstPause = Duration.seconds(60)
    private static let longestPause = Duration.seconds(3600)
    private static let mostTexts = 1000
    /// The bytes of a text by which it is recognised.
    private static let longestText = 200

    private var texts: [String: (due: Duration, pause: Duration)] = [:]
    private var minuteEnd = Duration.zero
    private var recordedInMinute = 0
    private var omitted = 0

    /// A limiter that has judged no remark.
    package init() {}

    /// Judges a remark: the number of remarks left out before it, or nil if it is left out itself.
    package mutating func admit(_ text: String, at now: Duration) -> Int? {
        let text = String(text.prefix(Self.longestText))
        if now >= minuteEnd { (minuteEnd, recordedInMinute) = (now + .seconds(60), 0) }
        let known = texts[text]
        guard recordedInMinute < Self.perMinute, known.map({ now >= $0.due }) ?? true else {
            omitted += 1
            return nil
        }
        recordedInMinute += 1
        // Clients invent texts: those that were due again are forgotten, then all.
        if texts.count >= Self.mostTexts { texts = texts.filter { $0.value.due > now } }
        if texts.count >= Self.mostTexts { texts = [:] }
        let pause = known.map { min($0.pause * 2, Self.longestPause) } ?? Self.firstPause
        texts[text] = (now + pause, pause)
        defer { omitted = 0 }
        return omitted
    }
}
