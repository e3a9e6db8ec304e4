import Datasets
import Pictures
import PointClouds
import Reporting
import Telemetry

/// The colour of every point of a picture, with a legend.
struct PointColours {
    let colours: [Picture.Colour]
    /// A table of the colours with their meaning and share of the scan.
    let legend: String

    static let right = Picture.Colour(104, 116, 132)
    static let wrong = Picture.Colour(236, 64, 52)

    /// Colours points by class.
    init(_ labels: [Int32], of scan: ShownScan) {
        colours = labels.map { label in
            scan.palette.indices.contains(Int(label)) ? scan.palette[Int(label)] : Palette.ignored
        }
        var counts: [Int32: Int] = [:]
        for label in labels { counts[label, default: 0] += 1 }
        let rows = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { label, count in
            scan.classes.indices.contains(Int(label))
                ? (scan.classes[Int(label)], scan.palette[Int(label)], count)
                : ("no class", Palette.ignored, count)
        }
        legend = Self.table(rows)
    }

    /// Colours points by whether their label is correct; points without a true label stay dark.
    init(errorsOf labels: [Int32], truth: [Int32]) {
        colours = zip(labels, truth).map { label, truth in
            truth < 0 ? Palette.ignored : label == truth ? Self.right : Self.wrong
        }
        let known = truth.count { $0 >= 0 }
        let wrong = zip(labels, truth).count { $1 >= 0 && $0 != $1 }
        legend = Self.table(
            [
                ("right", Self.right, known - wrong), ("wrong", Self.wrong, wrong),
                ("no class", Palette.ignored, truth.count - known),
            ].filter { $0.2 > 0 })
    }

    /// Colours points by height; the lowest and the highest hundredth share the ramp's ends.
    // A few outliers would otherwise take most of the ramp.
    init(heightsOf cloud: Cloud) {
        let heights = cloud.positions.map(\.z)
        let sorted = heights.sorted()
        let low = sorted[sorted.count / 100]
        let high = max(sorted[sorted.count - 1 - sorted.count / 100], low + 0.1)
        colours = heights.map { Ramp.viridis.colour(($0 - low) / (high - low)) }
        legend =
            "coloured by height: \(Readable.number(Double(low))) to "
            + "\(Readable.number(Double(high))) m\n"
    }

    private static func table(_ rows: [(name: String, colour: Picture.Colour, count: Int)])
        -> String
    {
        let total = max(rows.reduce(0) { $0 + $1.count }, 1)
        var table = TextTable(["class", "colour", "points", "share"])
        for row in rows {
            table.add([
                row.name, row.colour.hex, grouped(row.count),
                percent(Double(row.count) / Double(total)) + " %",
            ])
        }
        return table.description
    }
}
