import ArgumentParser
import Datasets
import Foundation
import Pictures
import PointClouds
import Reporting
import Telemetry

struct RenderCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Draws a scan as a PNG picture, without a display.",
        discussion: """
            Examples:
              denju render scan.bin --labels scan.label --output picture.png
              denju render scan.laz --labels runs/student --view perspective --output picture.png
              denju render runs/student --scene 3 --labels runs/student --errors --output errors.png

            Labels are the scan's own, those of a file (.label, _lidarseg.bin, .npy, .las, .laz, \
            .ply), or a model's predictions. A scan without labels is coloured by height.
            """)

    @Argument(
        help: "A scan's file, or a recipe or run of which --scene selects a scene.",
        completion: .file())
    var scan: String

    @Option(
        name: .long,
        help: "The labels: 'truth', 'none', a file, or a model (run folder or .safetensors).",
        completion: .file())
    var labels: String?

    @Option(name: .shortAndLong, help: "The PNG file to write.", completion: .file())
    var output: String

    @Flag(name: .long, help: "Draw wrongly labelled points in red, other points in grey.")
    var errors = false

    @Option(name: .long, help: "The view: top, perspective or both side by side.")
    var view = PictureView.both

    @Option(name: .long, help: "Width and height of a view in pixels.")
    var size = "900x700"

    @Option(name: .long, help: "The azimuth of the perspective view in degrees, from east.")
    var azimuth = -120.0

    @Option(
        name: .long, help: "The elevation of the perspective view in degrees above the horizon.")
    var elevation = 32.0

    @Option(
        name: .long,
        help: "The diameter of a point in metres; by default large enough to close gaps.")
    var pointSize: Float?

    @Flag(name: .long, help: "Use a white background.")
    var light = false

    @OptionGroup var scenes: SceneOptions

    func run() throws {
        try reporting {
            let pixels = size.split(separator: "x").compactMap { Int($0) }
            guard pixels.count == 2, pixels.allSatisfy({ (16...8192).contains($0) }) else {
                throw UserError(
                    "--size is '\(size)': give width and height as 900x700, up to 8192.")
            }
            guard pointSize.map({ $0 > 0 && $0 <= 1000 }) ?? true else {
                throw UserError("--point-size is \(pointSize ?? 0): give metres, more than 0.")
            }
            guard (-90...90).contains(elevation), (-360...360).contains(azimuth) else {
                throw UserError(
                    "--elevation \(elevation) --azimuth \(azimuth): give -90 to 90 and -360 to 360 "
                        + "degrees.")
            }
            let shown = try scenes.scan(scan, labels: labels)
            for remark in shown.scan.remarks { printMessage(remark + ".") }
            guard shown.scan.cloud.count > 0 else {
                throw UserError("\(scan) contains no points.")
            }
            let colouring = try colouring(shown)
            let perspective = Viewpoint.perspective(azimuth: azimuth, elevation: elevation)
            let views = view == .both ? [.top, perspective] : view == .top ? [.top] : [perspective]
            let pictures = views.map { viewpoint in
                PointPainter(
                    viewpoint, width: pixels[0], height: pixels[1],
                    background: light ? .white : .night, pointSize: pointSize
                ).paint(shown.scan.cloud.positions, colours: colouring.colours)
            }
            let picture = pictures.dropFirst().reduce(pictures[0]) { $0.beside($1) }
            // Atomic: an interrupted command leaves no partial picture.
            try Data(picture.png).write(to: URL(fileURLWithPath: output), options: .atomic)
            printSummary(colouring.legend, terminator: "")
        }
    }

    private func colouring(
        _ shown: (scan: ShownScan, labels: [Int32]?)
    ) throws -> PointColours {
        let scan = shown.scan
        guard let labels = shown.labels else {
            if errors {
                throw UserError("--errors requires labels to compare: name them with --labels.")
            }
            return PointColours(heightsOf: scan.cloud)
        }
        guard errors else { return PointColours(labels, of: scan) }
        guard !scan.cloud.labels.isEmpty else {
            throw UserError("\(self.scan) has no true labels, which --errors requires.")
        }
        return PointColours(errorsOf: labels, truth: scan.cloud.labels)
    }
}

enum PictureView: String, ExpressibleByArgument, CaseIterable {
    case top, perspective, both
}

extension Picture.Colour {
    fileprivate static let white = Picture.Colour(255, 255, 255)
    fileprivate static let night = Picture.Colour(17, 20, 26)
}
