import Formats

/// Sentences about scenes of a data set that are probably faulty.
package enum Suspicions {
    /// Examines the scenes of all splits together.
    ///
    /// - Parameters:
    ///   - scenes: every scene with its split.
    ///   - channels: channels whose values lie between 0 and 1.
    package static func sentences(
        about scenes: [(split: Split, report: SceneReport)]
    ) -> [String] {
        guard !scenes.isEmpty else { return [] }
        // Scans without points would move the medians, and resemble each other in everything.
        let filled = scenes.filter { $0.report.points > 0 }
        guard !filled.isEmpty else { return ["No scene has points."] }
        let counts = filled.map(\.report.points).sorted()
        let densities = filled.map(\.report.density).sorted()
        // Medians, since one scan of unusual size would move a mean.
        let (count, density) = (counts[counts.count / 2], densities[densities.count / 2])
        var sentences: [String] = []
        var first: [UInt64: (split: Split, report: SceneReport)] = [:]
        for scene in scenes {
            let report = scene.report
            func say(_ sentence: String) { sentences.append("\(report.name) \(sentence).") }

            guard report.points > 0 else {
                say("has no points and counts for nothing")
                continue
            }
            if let other = first[report.digest] {
                let leak = other.split == scene.split ? "" : ": both splits have it"
                say("holds the same points as \(other.report.name)\(leak)")
            } else {
                first[report.digest] = scene
            }
            if report.points * 20 < count {
                say("has \(report.points) points where others have \(count)")
            }
            // Published test splits have no labels.
            if report.ignored == report.points, scene.split != .test {
                say("has no point with a class")
            }
            if report.duplicates * 100 > report.points {
                say("has \(report.duplicates) points at the very place of another")
            }
            if report.outliers > 0 {
                say("has \(report.outliers) points far above or below all others")
            }
            if report.density * 10 < density || report.density > 10 * density {
                say(
                    "has \(rounded(report.density)) points a square metre where others have "
                        + "\(rounded(density))")
            }
            for spread in report.spreads where spread.least == spread.greatest {
                say("has \(number(Double(spread.least))) as the \(spread.channel) of every point")
            }
        }
        let training = filled.filter { $0.split == .training }
        if !training.isEmpty, training.allSatisfy({ $0.report.ignored == $0.report.points }) {
            sentences.append(
                "No training scene has a point with a class: look at the field of labels and the "
                    + "classes.")
        }
        return sentences
    }

    private static func rounded(_ value: Double) -> String {
        number(value < 10 ? (value * 10).rounded() / 10 : value.rounded())
    }
}
