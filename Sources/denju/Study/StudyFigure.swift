import Foundation
import Training

/// A study's differences as an SVG picture: a line for each arm, a dot for each seed, the mean with
/// its 95 % interval, zero marked.
struct StudyFigure {
    private let result: StudyResult
    private let rows: [StudyResult.Comparison]
    private let low: Double
    private let high: Double

    private static let (left, right, top, line) = (210.0, 110.0, 56.0, 34.0)
    private static let plot = 460.0

    /// Nil where nothing is compared.
    init?(_ result: StudyResult) {
        self.result = result
        rows = result.arms.filter { $0.mIoU != nil }
        let ends = rows.compactMap(\.mIoU).flatMap { difference -> [Double] in
            let half = difference.halfWidth ?? 0
            let interval = [difference.mean - half, difference.mean + half]
            return (difference.differences + interval).map { 100 * $0 }
        }
        guard let least = ends.min(), let most = ends.max() else { return nil }
        let margin = max((max(most, 0) - min(least, 0)) * 0.08, 0.5)
        low = min(least, 0) - margin
        high = max(most, 0) + margin
    }

    private func x(_ points: Double) -> String {
        String(format: "%.1f", Self.left + (points - low) / (high - low) * Self.plot)
    }

    var svg: String {
        let height = Self.top + Double(rows.count) * Self.line + 52
        let width = Self.left + Self.plot + Self.right
        var parts = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" \
            font-family="system-ui, sans-serif" font-size="13">
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="16" y="26" font-size="16" font-weight="600">\(escaped(result.study))</text>
            <text x="16" y="44" fill="#555">mIoU against “\(escaped(result.baseline))”, points; \
            \(result.seeds.count) seeds, 95 % intervals</text>
            """
        ]
        let bottom = Self.top + Double(rows.count) * Self.line
        for tick in ticks {
            let heavy = tick == 0
            parts.append(
                """
                <line x1="\(x(tick))" x2="\(x(tick))" y1="\(Self.top)" y2="\(bottom + 6)" \
                stroke="\(heavy ? "#333" : "#ddd")"/>
                <text x="\(x(tick))" y="\(bottom + 24)" text-anchor="middle" fill="#555">\
                \(short(tick))</text>
                """)
        }
        for (place, row) in rows.enumerated() { parts.append(drawn(row, at: place)) }
        return (parts + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private func drawn(_ row: StudyResult.Comparison, at place: Int) -> String {
        let difference = row.mIoU!
        let y = Self.top + (Double(place) + 0.5) * Self.line
        let colour = !difference.isClear ? "#667" : difference.mean > 0 ? "#17714a" : "#b3261e"
        let half = difference.halfWidth ?? 0
        let dots = difference.differences.map {
            "<circle cx=\"\(x(100 * $0))\" cy=\"\(y)\" r=\"3\" fill=\"\(colour)\" opacity=\"0.35\"/>"
        }
        let label =
            String(format: "%+.1f", 100 * difference.mean)
            + (difference.halfWidth.map { String(format: " ± %.1f", 100 * $0) } ?? "")
        return """
            <text x="\(Self.left - 12)" y="\(y + 4)" text-anchor="end">\(escaped(result.title(of: row)))\
            </text>
            <line x1="\(x(100 * (difference.mean - half)))" \
            x2="\(x(100 * (difference.mean + half)))" y1="\(y)" y2="\(y)" stroke="\(colour)" \
            stroke-width="2"/>
            \(dots.joined(separator: "\n"))
            <circle cx="\(x(100 * difference.mean))" cy="\(y)" r="5" fill="\(colour)"/>
            <text x="\(Self.left + Self.plot + 12)" y="\(y + 4)" fill="\(colour)">\(label)</text>
            """
    }

    /// Four to nine round numbers, zero among them.
    private var ticks: [Double] {
        let span = high - low
        let step = [0.5, 1, 2, 5, 10, 20, 50].first { span / $0 <= 9 } ?? 100
        return stride(from: (low / step).rounded(.up) * step, through: high, by: step).map {
            $0 == 0 ? 0 : $0
        }
    }

    private func short(_ tick: Double) -> String {
        tick == tick.rounded() ? String(format: "%.0f", tick) : String(format: "%.1f", tick)
    }

    private func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
}
