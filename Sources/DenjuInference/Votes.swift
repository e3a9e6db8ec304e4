import Tensors

/// The sums of class probabilities over tiles and views, for each point.
struct Votes {
    private let classes: Int
    private var sums: [Float]
    private var weights: [Float]

    init(points: Int, classes: Int) {
        self.classes = classes
        sums = [Float](repeating: 0, count: points * classes)
        weights = [Float](repeating: 0, count: points)
    }

    /// Adds the probabilities of a tile's voxels to the tile's points.
    ///
    /// - Parameters:
    ///   - probabilities: voxels x classes.
    ///   - inverse: the voxel of each of the tile's points.
    mutating func add(_ probabilities: Tensor, inverse: [Int32], _ tile: Tile) {
        probabilities.withValues { values in
            for (place, row) in tile.rows.enumerated() {
                let (from, to) = (Int(inverse[place]) * classes, Int(row) * classes)
                let weight = tile.weights[place]
                for label in 0..<classes { sums[to + label] += weight * values[from + label] }
                weights[Int(row)] += weight
            }
        }
    }

    /// The class with the largest sum for each point, and the normalised sums as requested.
    func prediction(_ options: Segmenter.Options, tiles: Int) -> Segmenter.Prediction {
        let points = weights.count
        let shares = Tensor(rows: points, columns: classes) { values in
            for point in 0..<points {
                // A point that is in no tile has probabilities of 0 instead of NaN.
                let weight = max(weights[point], .leastNormalMagnitude)
                for place in point * classes..<(point + 1) * classes {
                    values[place] = sums[place] / weight
                }
            }
        }
        let labels = shares.largestColumns
        return Segmenter.Prediction(
            labels: labels, probabilities: options.probabilities ? shares : nil,
            confidence: options.confidence ? shares.entries(inColumns: labels) : nil,
            features: nil, tiles: tiles)
    }
}
