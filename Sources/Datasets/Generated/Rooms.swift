package import PointClouds
import Scenes
import Tensors

/// Generated rooms, scanned by a simulated depth camera from several places.
///
/// A scene is a function of (seed, split, index) and the camera's settings, with equal bits on
/// every host. Points have `colour`: three values from 0 to 1.
///
/// Options: `views`, `columns` (points across a view; two thirds as many down), `range` (metres).
///
/// A scene of 8 views of 54 x 36 points takes about 15 ms.
package struct Rooms: SceneSource {
    private let camera: DepthScanner
    private let series: SceneSeries

    /// The rooms of a split, which are generated on demand.
    package init(_ settings: DataSettings, split: Split) throws {
        var options = SourceOptions(settings)
        camera = DepthScanner(
            views: try options.whole("views", default: 8, in: 1...64),
            columns: try options.whole("columns", default: 54, in: 6...1024),
            range: Float(try options.number("range", default: 9, in: 2...20)))
        try options.finish()
        series = try SceneSeries(settings, split: split)
    }

    /// `"rooms"`.
    package var name: String { "rooms" }
    /// 18 classes, from floor to clutter.
    package var classes: [String] { RoomClass.allCases.map(\.name) }
    /// Pale colours for large classes, strong ones for small classes.
    package var palette: [Palette.Colour] { RoomClass.allCases.map(\.colour) }
    /// Red, green and blue.
    package var channels: [ChannelSpecification] { [ChannelSpecification("colour", width: 3)] }
    /// The number of scenes in the settings.
    package var count: Int { series.count }
    /// Seed, split and index: `"7/training/000012"`.
    package func name(of index: Int) -> String { series.name(of: index) }
    /// A hash of the scene's name and the camera's settings.
    package func sampleID(of index: Int) -> UInt64 { fnv1a("\(name)/\(name(of: index))/\(camera)") }

    /// Builds the room and scans it.
    package func scene(at index: Int) throws -> Cloud {
        let room = RoomBuilder(random: series.random(of: index, for: "room"))
        // The camera has random numbers of its own, so that its settings do not change the room.
        var noise = series.random(of: index, for: "camera")
        return camera.scan(room, random: &noise)
    }
}
