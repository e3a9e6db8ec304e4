package import PointClouds
import Scenes
import Tensors

/// Rooms of twelve plain boxes whose surfaces are covered without gaps.
///
/// The scenes have a known density and serve for measurements; no sensor is simulated. At a grid of
/// 2 cm, every voxel of a surface is occupied, as in rooms scanned from many places. Points have
/// `colour`: three values around that of their class.
///
/// A scene is a function of (seed, split, index), with equal bits on every host. Options: `spacing`
/// (metres; three points for each square of that side), `points` (the number of points kept, around
/// a drawn centre), `ready` (true: all scenes are generated when the source opens and stay in
/// memory, so that measurements do not include their generation).
package struct Boxes: SceneSource {
    private let room: BoxRoom
    private let series: SceneSeries
    /// The scenes, if the option `ready` is set.
    private var made: [Cloud] = []

    /// The rooms of a split, which are generated on demand unless the option `ready` is set.
    package init(_ settings: DataSettings, split: Split) throws {
        var options = SourceOptions(settings)
        room = BoxRoom(
            spacing: Float(try options.number("spacing", default: 0.02, in: 0.005...0.5)),
            points: try options.whole("points", default: 80_000, in: 16...50_000_000))
        let ready = try options.flag("ready")
        try options.finish()
        series = try SceneSeries(settings, split: split)
        // Made here, before the first step: a benchmark must not time the making of its scenes.
        if ready { made = (0..<series.count).map { make($0) } }
    }

    /// `"boxes"`.
    package var name: String { "boxes" }
    /// Floor, ceiling, wall, and ten kinds of boxes.
    package var classes: [String] {
        BoxRoom.classes
    }
    /// Red, green and blue.
    package var channels: [ChannelSpecification] { [ChannelSpecification("colour", width: 3)] }
    /// The number of scenes in the settings.
    package var count: Int { series.count }
    /// Seed, split and index: `"7/training/000012"`.
    package func name(of index: Int) -> String { series.name(of: index) }
    /// A hash of the scene's name and the options.
    package func sampleID(of index: Int) -> UInt64 {
        fnv1a("\(name)/\(name(of: index))/\(room.spacing)/\(room.points)")
    }

    /// Covers the surfaces and keeps the points around a centre.
    package func scene(at index: Int) throws -> Cloud {
        made.isEmpty ? make(index) : made[index]
    }

    private func make(_ index: Int) -> Cloud {
        var random = series.random(of: index, for: "boxes")
        return room.cloud(random: &random)
    }
}
