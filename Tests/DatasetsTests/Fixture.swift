import Datasets
import Formats
import FoundationEssentials
import PointClouds
import Testing

/// Files written by the formats' public libraries (with `make.py` beside them), and the points that
/// all of them contain.
enum Fixture {
    static let folder =
        "/" + #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        + "/FormatsTests/Fixtures"

    static let count = 9
    static let positions = (0..<count).map { index in
        let i = Float(index)
        return SIMD3(i / 2, 10 - i, i * i / 8)
    }
    static let intensity = (0..<count).map { Float($0) / 8 }
    static let colour = (0..<count).flatMap { index in
        [30 * index % 256, 255 - index, index].map { Float($0) / 255 }
    }
    static let normal = (0..<count).flatMap { $0 % 2 == 0 ? [1, 0, 0] : [0, 0, -1 as Float] }
    static let labels = (0..<count).map { Int32($0 % 3) }
    static let temperature = (0..<count).map { 20 + Float($0) / 4 }
    static let classes = ClassSetting.listed(
        ClassList(["a", "b", "c"].enumerated().map { .init($1, from: [$0]) }))

    /// A source of three classes over a folder of scenes; `change` adapts its settings.
    static func open(
        _ source: String, in folder: TemporaryFolder, _ change: (inout DataSettings) -> Void
    ) throws -> any SceneSource {
        var settings = DataSettings(source: source, path: folder.path, classes: classes)
        change(&settings)
        return try SourceCatalogue.open(settings, split: .training)
    }

    /// Copies a file or folder into a folder of scenes.
    static func copy(_ name: String, to place: String, in folder: TemporaryFolder) throws {
        let target = folder.path + "/" + place
        let parent = "/" + target.split(separator: "/").dropLast().joined(separator: "/")
        try FileManager.default.createDirectory(
            atPath: parent, withIntermediateDirectories: true)
        try FileManager.default.copyItem(atPath: self.folder + "/" + name, toPath: target)
    }

    /// Expects a cloud to contain the points of every fixture, with these channels.
    static func expect(
        _ cloud: Cloud, has channels: [String], within tolerance: Float = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let placed = cloud.positions.map { SIMD3<Float>(SIMD3<Double>($0) + cloud.origin) }
        let distance = zip(placed, positions).map { abs(($0 - $1).max()) }.max() ?? .infinity
        #expect(placed.count == count, sourceLocation: sourceLocation)
        #expect(distance <= tolerance, sourceLocation: sourceLocation)
        #expect(cloud.labels == labels, sourceLocation: sourceLocation)
        #expect(cloud.channels.map(\.name) == channels, sourceLocation: sourceLocation)
        let known = [
            "intensity": intensity, "colour": colour, "normal": normal, "temperature": temperature,
        ]
        for channel in cloud.channels {
            guard let values = known[channel.name] else { continue }
            let worst = zip(channel.values, values).map { abs($0 - $1) }.max() ?? .infinity
            #expect(
                channel.values.count == values.count && worst <= 1e-4, "\(channel.name)",
                sourceLocation: sourceLocation)
        }
    }
}

/// The sentence of the error that an expression throws.
func sentence(_ body: () throws -> Void) -> String {
    do {
        try body()
        return "nothing was thrown"
    } catch { return "\(error)" }
}
