package import PointClouds
import Scenes
import Tensors

/// Rooms of twelve plain boxes whose every surface is covered without a gap.
///
/// No sensor is simulated: these are scenes of a known density, to time with. At a grid of 2 cm
/// every voxel of a surface is occupied, as in rooms that were scanned from many places. Points
/// carry `colour`, three values around their class's own.
///
/// A scene is a function of (seed, split, index), the same bits on every host. Options: `spacing`
/// (metres; three points for each square of that side), `points` (how many are kept, those around a
/// drawn centre), `ready` (true: all scenes are made as the source opens and stay in memory, so that
/// nobody who times anything else waits for one).
package struct Boxes: SceneSource {
    private let room: BoxRoom
    private let series: SceneSeries
    /// The scenes, where they were to be ready.
    private var made: [Cloud] = []

    /// The rooms of a split; none is made yet unless they are to be ready.
    package init(_ settings: DataSettings, split: Split) throws {
        var options = SourceOptions(settings)
        room = BoxRoom(
            spacing: Float(try options.number("spacing", default: 0.02, in: 0.005...0.5)),
            points: try options.whole("points", default: 80_000, in: 16...50_000_000))
        let ready = try options.flag("ready")
        try options.finish()
        series = try SceneSeries(settings, split: split)
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
    /// How many scenes the settings ask for.
    package var count: Int { series.count }
    /// Seed, split and index: `"7/training/000012"`.
    package func name(of index: Int) -> String { series.name(of: index) }
    /// A hash of the scene's name and of the options.
    package func sampleID(of index: Int) -> UInt64 {
        fnv1a("\(name)/\(name(of: index))/\(room.spacing)/\(room.points)")
    }

    /// Covers the surfaces and keeps what lies around a centre.
    package func scene(at index: Int) throws -> Cloud {
        made.isEmpty ? make(index) : made[index]
    }

    private func make(_ index: Int) -> Cloud {
        var random = series.random(of: index, for: "boxes")
        return room.cloud(random: &random)
    }
}
