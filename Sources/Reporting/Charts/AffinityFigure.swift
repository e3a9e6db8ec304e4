import Foundation
package import Pictures

/// Affinities between points, sorted by class, as a picture with the classes' boundaries.
package struct AffinityFigure: Sendable {
    /// Consecutive points of one class.
    package struct Run: Sendable, Equatable {
        /// The class.
        package var label: Int
        /// The number of points.
        package var count: Int

        /// A run of points.
        package init(label: Int, count: Int) {
            self.label = label
            self.count = count
        }
    }

    /// The figure's title.
    package var title: String
    /// Classes of the rows, from the top.
    package var rows: [Run]
    /// Classes of the columns, from the left.
    package var columns: [Run]
    /// The affinities, row by row.
    package var values: [Float]
    /// The values at the ends of the colour ramp.
    package var range: ClosedRange<Float>
    /// The colour ramp.
    package var ramp: Ramp

    /// Cosines of a model's features, 0 dark and 1 bright by default.
    package init(
        _ title: String, rows: [Run], columns: [Run], values: [Float],
        range: ClosedRange<Float> = 0...1, ramp: Ramp = .viridis
    ) {
        precondition(
            values.count == rows.reduce(0) { $0 + $1.count } * columns.reduce(0) { $0 + $1.count })
        self.title = title
        self.rows = rows
        self.columns = columns
        self.values = values
        self.range = range
        self.ramp = ramp
    }

    private static let (size, strip, edge) = (320.0, 9.0, 4.0)

    /// The figure as markup.
    ///
    /// - Parameter palette: a colour for each class.
    func html(classes: [String], palette: [Picture.Colour]) -> HTML {
        let (height, width) = (rows.total, columns.total)
        guard height > 0, width > 0 else { return .nothing }
        // One picture takes far fewer bytes than a rectangle per pair of points.
        var picture = Picture(width: width, height: height)
        let (low, span) = (range.lowerBound, range.upperBound - range.lowerBound)
        for y in 0..<height {
            for x in 0..<width { picture[x, y] = ramp.colour((values[y * width + x] - low) / span) }
        }
        let start = Self.strip + Self.edge
        let side = Self.size - start
        var parts: [HTML] = [
            """
            <image x="\(start)" y="\(start)" width="\(side)" height="\(side)" \
            preserveAspectRatio="none" style="image-rendering:pixelated" \
            href="data:image/png;base64,\(Data(picture.png).base64EncodedString())"/>
            """
        ]
        for (isRow, runs, total) in [(true, rows, height), (false, columns, width)] {
            var begin = start
            for (place, run) in runs.enumerated() {
                let length = side * Double(run.count) / Double(total)
                let colour =
                    palette.indices.contains(run.label) ? palette[run.label] : [80, 80, 80]
                let name = classes.indices.contains(run.label) ? classes[run.label] : "no class"
                let (x, y) = isRow ? (0, begin) : (begin, 0)
                let (w, h) = isRow ? (Self.strip, length) : (length, Self.strip)
                parts.append(
                    """
                    <rect x="\(x)" y="\(y)" width="\(w)" height="\(h)" fill="\(colour.hex)">\
                    <title>\(name)</title></rect>
                    """)
                if place > 0 {
                    let (x1, y1, x2, y2) =
                        isRow
                        ? (start, begin, Self.size, begin) : (begin, start, begin, Self.size)
                    parts.append(
                        "<line class=\"edge\" x1=\"\(x1)\" y1=\"\(y1)\" x2=\"\(x2)\" y2=\"\(y2)\"/>"
                    )
                }
                begin += length
            }
        }
        return Figure(
            title: title, width: Self.size, height: Self.size, drawing: HTML(parts)
        ).html
    }
}

extension [AffinityFigure.Run] {
    fileprivate var total: Int { reduce(0) { $0 + $1.count } }
}

extension Picture.Colour {
    /// The colour in hexadecimal notation: `#ff8000`.
    package var hex: String {
        "#" + [x, y, z].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
