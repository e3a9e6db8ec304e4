package import Datasets
import Foundation
import PointClouds
import Settings
import Tensors
import ZipArchives

/// Statistics of features over points: number, mean, spread and bounds of each column.
///
/// Merged with Chan's formula in the order of the scenes, in Float64: the same bits for any number of
/// threads.
struct FeatureStatistics: Sendable {
    private var points = 0.0
    private var mean: [Double]
    private var squares: [Double]
    private var least: [Float]
    private var greatest: [Float]

    /// The statistics of one scene.
    ///
    /// Throws ``SourceError`` for a value that is not finite.
    init(_ features: [Feature], of scene: Cloud) throws {
        let values = try PointClouds.features(of: scene, features)
        let columns = values.columns
        points = Double(values.rows)
        mean = [Double](repeating: 0, count: columns)
        squares = mean
        least = [Float](repeating: .infinity, count: columns)
        greatest = [Float](repeating: -.infinity, count: columns)
        for column in 0..<columns {
            var sum = 0.0
            for row in 0..<values.rows {
                let value = values[row, column]
                sum += Double(value)
                least[column] = min(least[column], value)
                greatest[column] = max(greatest[column], value)
            }
            mean[column] = sum / max(points, 1)
            for row in 0..<values.rows {
                let deviation = Double(values[row, column]) - mean[column]
                squares[column] += deviation * deviation
            }
            guard squares[column].isFinite else {
                throw SourceError(
                    "A scan has a value of \(features.map(\.name).listed()) that is not finite: "
                        + "look at the data with 'denju data check'.")
            }
        }
    }

    /// The statistics over the points of both.
    func merged(with other: Self) -> Self {
        guard points > 0 else { return other }
        guard other.points > 0 else { return self }
        var both = self
        both.points += other.points
        for column in mean.indices {
            let gap = other.mean[column] - mean[column]
            both.mean[column] += gap * other.points / both.points
            both.squares[column] +=
                other.squares[column] + gap * gap * points * other.points / both.points
            both.least[column] = min(least[column], other.least[column])
            both.greatest[column] = max(greatest[column], other.greatest[column])
        }
        return both
    }

    /// The scale of a feature's columns.
    ///
    /// Columns that never vary are divided by 1.
    func scale(_ columns: Range<Int>, standard: Bool) -> Feature.Scale {
        return Feature.Scale(
            subtract: columns.map { standard ? Float(mean[$0]) : least[$0] },
            divide: columns.map { column in
                // Rounding alone gives what never varies a deviation that is not quite 0.
                guard greatest[column] > least[column] else { return 1 }
                let spread =
                    standard
                    ? Float((squares[column] / max(points, 1)).squareRoot())
                    : greatest[column] - least[column]
                return spread > 0 && spread.isFinite ? spread : 1
            })
    }
}

extension [FeatureSetting] {
    /// The settings with the numbers of all scales; missing ones are computed from a source.
    ///
    /// Reads every scene if any number is missing.
    package func settled(by source: any SceneSource) throws -> [FeatureSetting] {
        let wanted = filter { $0.feature == nil }.map { Feature($0.name) }
        guard !wanted.isEmpty else { return self }
        let parts = try surveyed(source) { try FeatureStatistics(wanted, of: $0) }
        let whole = parts.dropFirst().reduce(parts[0]) { $0.merged(with: $1) }
        var column = 0
        return try map { setting in
            guard setting.feature == nil else { return setting }
            let width = try source.width(of: [Feature(setting.name)])
            defer { column += width }
            let scale = whole.scale(
                column..<column + width, standard: setting.scaling == .standard)
            return FeatureSetting(setting.name, .given(scale))
        }
    }
}

extension SceneSource {
    /// The number of values per point of features in this source's scenes.
    func width(of features: [Feature]) throws -> Int {
        let bare = Cloud(
            positions: [],
            channels: channels.map {
                Cloud.Channel(name: $0.name, width: $0.width, values: [])
            })
        return try featureWidth(of: bare, features)
    }

    /// Throws one sentence unless the source has the features of these names.
    ///
    /// - Parameter who: the subject and verb of the sentence: `r.yaml: features names`.
    package func check(_ names: [String], of who: String) throws {
        let derived = ["position", "centred", "height", "distance"]
        let own = channels.map(\.name)
        for name in names where !own.contains(name) && !derived.contains(name) {
            throw RecipeError(
                "\(who) '\(name)', which the data source '\(self.name)' does not have: its "
                    + "channels are \(own.listed()); \(derived.listed()) follow from the "
                    + "positions.")
        }
    }
}

extension [String] {
    /// The names in a list: "a, b and c".
    fileprivate func listed() -> String {
        guard let last, count > 1 else { return first ?? "none" }
        return dropLast().joined(separator: ", ") + " and " + last
    }
}
