package import PointClouds
import Scenes
import Tensors

/// Generated streets, scanned by a simulated spinning lidar on a car in its lane.
///
/// A scene is a function of (seed, split, index) and the sensor's settings, with equal bits on
/// every host. Points have `intensity`; the classes' shares are as uneven as in recorded streets.
///
/// Options: `beams`, `azimuth-steps` (their product is the number of rays; about two thirds
/// return), `range` (metres), `top` and `bottom` (the limits of the field of view, degrees).
///
/// A scene of 32 x 512 beams takes about 20 ms.
package struct Streets: SceneSource {
    private let sensor: SpinningLidar
    private let series: SceneSeries

    /// The streets of a split, which are generated on demand.
    package init(_ settings: DataSettings, split: Split) throws {
        var options = SourceOptions(settings)
        sensor = SpinningLidar(
            beams: try options.whole("beams", default: 32, in: 2...256),
            azimuthSteps: try options.whole("azimuth-steps", default: 512, in: 16...8192),
            range: Float(try options.number("range", default: 60, in: 10...120)),
            top: Float(try options.number("top", default: 12, in: -10...60)),
            bottom: Float(try options.number("bottom", default: -25, in: -60 ... -11)))
        try options.finish()
        series = try SceneSeries(settings, split: split)
    }

    /// `"streets"`.
    package var name: String { "streets" }
    /// 17 classes, from road to bicycle.
    package var classes: [String] { StreetClass.allCases.map(\.name) }
    /// Colours similar to SemanticKITTI's.
    package var palette: [Palette.Colour] { StreetClass.allCases.map(\.colour) }
    /// Intensity.
    package var channels: [ChannelSpecification] { [ChannelSpecification("intensity")] }
    /// The number of scenes in the settings.
    package var count: Int { series.count }
    /// Seed, split and index: `"7/training/000012"`.
    package func name(of index: Int) -> String { series.name(of: index) }
    /// A hash of the scene's name and the sensor's settings.
    package func sampleID(of index: Int) -> UInt64 { fnv1a("\(name)/\(name(of: index))/\(sensor)") }

    /// Builds the street and scans it.
    package func scene(at index: Int) throws -> Cloud {
        let street = StreetBuilder(
            reach: sensor.range, random: series.random(of: index, for: "street"))
        // The lidar has random numbers of its own: more beams must not change the street.
        var noise = series.random(of: index, for: "lidar")
        return sensor.scan(
            street.scenery, ground: street.ground, from: street.sensor, random: &noise)
    }
}
