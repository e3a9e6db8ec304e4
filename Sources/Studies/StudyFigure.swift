import Foundation
package import Reporting
package import Training

/// A study's paired differences as an SVG picture: a line for each arm, a dot for each seed, the mean
/// with its 95 % interval, zero marked.
package struct StudyFigure {
    private let result: StudyResult
    private let rows: [StudyResult.Comparison]
    private let axis: Axis

    private static let (left, right, top, line) = (210.0, 110.0, 56.0, 34.0)
    private static let plot = 460.0

    /// A figure of the result; nil if it compares nothing.
    package init?(_ result: StudyResult) {
        self.result = result
        rows = result.arms.filter { $0.mIoU != nil }
        let ends = rows.compactMap(\.mIoU).flatMap { difference -> [Double] in
            let half = difference.halfWidth ?? 0
            let interval = [difference.mean - half, difference.mean + half]
            return (difference.differences + interval).map { 100 * $0 }
        }
        guard let least = ends.min(), let most = ends.max() else { return nil }
        let margin = max((max(most, 0) - min(least, 0)) * 0.08, 0.5)
        axis = Axis(from: min(least, 0) - margin, to: max(most, 0) + margin, marks: 9)
    }

    private func x(_ points: Double) -> Double {
        Self.left + (axis.place(of: points) ?? 0) * Self.plot
    }

    /// The SVG document.
    package var svg: HTML {
        let height = Self.top + Double(rows.count) * Self.line + 52
        let width = Self.left + Self.plot + Self.right
        var parts: [HTML] = [
            """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(Int(height))" \
            font-family="system-ui, sans-serif" font-size="13">
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="16" y="26" font-size="16" font-weight="600">\(result.study)</text>
            <text x="16" y="44" fill="#555">mIoU against “\(result.baseline)”, points; \
            \(result.seeds.count) seeds, 95 % intervals</text>
            """
        ]
        let bottom = Self.top + Double(rows.count) * Self.line
        for tick in axis.marks {
            let heavy = tick == 0
            parts.append(
                """
                <line x1="\(x(tick))" x2="\(x(tick))" y1="\(Self.top)" y2="\(bottom + 6)" \
                stroke="\(heavy ? "#333" : "#ddd")"/>
                <text x="\(x(tick))" y="\(bottom + 24)" text-anchor="middle" fill="#555">\
                \(axis.label(tick))</text>
                """)
        }
        for (place, row) in rows.enumerated() { parts.append(drawn(row, at: place)) }
        return HTML(parts + ["</svg>\n"])
    }

    private func drawn(_ row: StudyResult.Comparison, at place: Int) -> HTML {
        let difference = row.mIoU!
        let y = Self.top + (Double(place) + 0.5) * Self.line
        let colour = !difference.isClear ? "#667" : difference.mean > 0 ? "#17714a" : "#b3261e"
        let half = difference.halfWidth ?? 0
        let dots = difference.differences.map { difference -> HTML in
            "<circle cx=\"\(x(100 * difference))\" cy=\"\(y)\" r=\"3\" fill=\"\(colour)\" opacity=\"0.35\"/>"
        }
        let label =
            String(format: "%+.1f", 100 * difference.mean)
            + (difference.halfWidth.map { String(format: " ± %.1f", 100 * $0) } ?? "")
        return """
            <text x="\(Self.left - 12)" y="\(y + 4)" text-anchor="end">\(result.title(of: row))</text>
            <line x1="\(x(100 * (difference.mean - half)))" \
            x2="\(x(100 * (difference.mean + half)))" y1="\(y)" y2="\(y)" stroke="\(colour)" \
            stroke-width="2"/>
            \(dots)
            <circle cx="\(x(100 * difference.mean))" cy="\(y)" r="5" fill="\(colour)"/>
            <text x="\(Self.left + Self.plot + 12)" y="\(y + 4)" fill="\(colour)">\(label)</text>
            """
    }
}
