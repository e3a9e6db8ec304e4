package import PointClouds

/// Counts over the scenes of a source: points and scenes of each class, and extents.
package struct SourceSummary: Sendable, Equatable, CustomStringConvertible {
    /// The names of the classes.
    package let classes: [String]
    /// The number of scenes.
    package private(set) var scenes = 0
    /// The number of points of all scenes.
    package private(set) var points = 0
    /// The number of points without a class.
    package private(set) var ignored = 0
    /// The number of points of each class.
    package private(set) var pointsOfClass: [Int]
    /// The number of scenes in which each class occurs.
    package private(set) var scenesOfClass: [Int]
    /// The smallest coordinates in metres, relative to each scene's origin.
    package private(set) var lower = SIMD3<Float>(repeating: .infinity)
    /// The largest coordinates in metres, relative to each scene's origin.
    package private(set) var upper = SIMD3<Float>(repeating: -.infinity)
    /// The source's notes.
    package let notes: [String]

    /// A summary of no scenes.
    package init(classes: [String], notes: [String] = []) {
        self.classes = classes
        self.notes = notes
        pointsOfClass = [Int](repeating: 0, count: classes.count)
        scenesOfClass = pointsOfClass
    }

    /// Reads every scene of a source, or at most the first `limit`.
    package init(of source: some SceneSource, first limit: Int = .max) throws {
        self.init(classes: source.classes, notes: source.notes)
        for index in 0..<min(limit, source.count) { add(try source.scene(at: index)) }
    }

    /// Adds a scene.
    package mutating func add(_ cloud: Cloud) {
        scenes += 1
        points += cloud.count
        var counts = [Int](repeating: 0, count: classes.count)
        for label in cloud.labels where counts.indices.contains(Int(label)) {
            counts[Int(label)] += 1
        }
        ignored += cloud.count - counts.reduce(0, +)
        for (index, count) in counts.enumerated() where count > 0 {
            pointsOfClass[index] += count
            scenesOfClass[index] += 1
        }
        for position in cloud.positions {
            lower = pointwiseMin(lower, position)
            upper = pointwiseMax(upper, position)
        }
    }

    /// A line for the whole, for each class and for each note.
    package var description: String {
        guard points > 0 else { return "\(scenes) scenes, no points" }
        func metres(_ length: Float) -> String { "\((length * 10).rounded() / 10)" }
        func share(_ count: Int) -> String {
            "\((Double(count) / Double(points) * 10_000).rounded() / 100) %"
        }
        let extent = upper - lower
        let width = (classes.map(\.count).max() ?? 0) + 2
        var lines = [
            "\(scenes) scenes, \(points) points (\(points / scenes) a scene), "
                + "\(share(ignored)) without a class, "
                + "\(metres(extent.x)) x \(metres(extent.y)) x \(metres(extent.z)) m"
        ]
        for (index, name) in classes.enumerated() {
            let padding = String(repeating: " ", count: width - name.count)
            lines.append(
                name + padding + "\(share(pointsOfClass[index])), in \(scenesOfClass[index]) "
                    + "of \(scenes) scenes")
        }
        return (lines + notes).joined(separator: "\n")
    }
}
