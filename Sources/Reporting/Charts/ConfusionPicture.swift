package import Pictures

/// A confusion matrix as a picture without text: true classes down, predicted classes across; a
/// brighter square is a larger share of the row's points.
package struct ConfusionPicture: Sendable {
    private let classes: Int
    private let counts: [UInt64]

    /// A picture of counts, row by row.
    package init(classes: Int, counts: [UInt64]) {
        precondition(counts.count == classes * classes)
        self.classes = classes
        self.counts = counts
    }

    /// The picture, about 400 pixels wide.
    package var picture: Picture {
        let side = max(1, 400 / max(classes, 1))
        var picture = Picture(width: side * classes, height: side * classes)
        for row in 0..<classes {
            let points = counts[row * classes..<(row + 1) * classes].reduce(0, +)
            for column in 0..<classes {
                let share = points == 0 ? 0 : Float(counts[row * classes + column]) / Float(points)
                let colour = Ramp.viridis.colour(share)
                for y in row * side..<(row + 1) * side {
                    for x in column * side..<(column + 1) * side { picture[x, y] = colour }
                }
            }
        }
        return picture
    }
}
