package import Formats
import PointClouds
import Synchronization

/// Counts of the points and values that a source changed or left out, for one report per run.
///
/// A scene counts once, although a run reads it in every pass.
package final class ReadingTally: Sendable {
    private struct Finding {
        let name: String
        let points: Int
        let dropped: Int
        let ranges: [String: ReadScene.Range]
    }

    private let findings = Mutex<[String: Finding]>([:])
    private let place: SettingsPlace

    /// An empty tally; `place` is where the settings of the scenes are written.
    package init(place: SettingsPlace) { self.place = place }

    /// Adds a scene, unless it was added before.
    package func add(_ scene: ReadScene, name: String) {
        let ranges = scene.ranges.filter { $0.value.clamped > 0 || Self.isLow($0.value) }
        // Unremarkable scenes are not kept: a data set may have a hundred thousand.
        guard scene.cloud.count == 0 || scene.dropped > 0 || !ranges.isEmpty else { return }
        let finding = Finding(
            name: name, points: scene.cloud.count, dropped: scene.dropped, ranges: ranges)
        findings.withLock { $0[name] = finding }
    }

    /// Whether a scene uses less than one of the 255 steps of a byte's range.
    private static func isLow(_ range: ReadScene.Range) -> Bool {
        range.full > 1 && range.largest > 0 && range.largest * 255 <= range.full
    }

    /// A sentence for each kind of finding.
    var remarks: [String] {
        let all = findings.withLock { $0.values.sorted { $0.name < $1.name } }
        var remarks: [String] = []
        let empty = all.filter { $0.points == 0 }.map(\.name)
        if !empty.isEmpty {
            remarks.append(
                (empty.count == 1
                    ? "1 scan has no points and is skipped: "
                    : "\(empty.count) scans have no points and are skipped: ") + Self.named(empty))
        }
        let reduced = all.filter { $0.dropped > 0 }
        if !reduced.isEmpty {
            remarks.append(
                "\(reduced.reduce(0) { $0 + $1.dropped }) points without finite coordinates are "
                    + "left out, of \(Self.named(reduced.map(\.name)))")
        }
        for channel in Set(all.flatMap(\.ranges.keys)).sorted() {
            let ranges = all.compactMap { finding in
                finding.ranges[channel].map { (name: finding.name, range: $0) }
            }
            let advice = place.setting(FullScale.options[channel] ?? "range", to: "NUMBER")
            let clamped = ranges.filter { $0.range.clamped > 0 }
            if let first = clamped.first {
                let largest = clamped.map(\.range.largest).max() ?? 0
                remarks.append(
                    "\(clamped.reduce(0) { $0 + $1.range.clamped }) values of \(channel) outside "
                        + "0 to \(number(first.range.full)) are clamped (up to "
                        + "\(number(largest)), in \(Self.named(clamped.map(\.name)))): if full "
                        + "\(channel) is another number, \(advice)")
            }
            let low = ranges.filter { Self.isLow($0.range) }
            if let first = low.first {
                remarks.append(
                    "full \(channel) is \(number(first.range.full)), but it reaches "
                        + "\(number(first.range.largest)) in \(Self.named(low.map(\.name))): if "
                        + "these files have another range than the others, convert them; if full "
                        + "\(channel) is another number, \(advice)")
            }
        }
        return remarks
    }

    private static func named(_ names: [String]) -> String {
        let shown = Array(names.prefix(3))
        let more = names.count - shown.count
        return more > 0
            ? (shown + ["\(more) more scans"]).listed()
            : "\(names.count == 1 ? "scan" : "scans") \(shown.listed())"
    }
}
