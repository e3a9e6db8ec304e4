import Foundation
import Testing

/// Pictures of scans by `denju render`.
@Suite struct RenderTests {
    private let fixture: SharedFixture
    private let folder: Folder
    private let scan: String

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
        scan = fixture.folder("scans/sequences/08/velodyne/000000.bin")
    }

    private func render(_ arguments: String...) throws -> Command.Outcome {
        try Denju.run(["render", "--size", "60x40"] + arguments, in: folder)
    }

    /// Width and height of a PNG file.
    private func size(_ file: String) throws -> [Int] {
        let bytes = try folder.bytes(file)
        #expect(bytes.starts(with: [137, 80, 78, 71]))
        return [16, 20].map { place in bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    }

    @Test func labelsOfEverySourceAreDrawn() throws {
        let truth = try render(scan, "-o", "truth.png")
        #expect(truth.status == 0, "\(truth.errors)")
        #expect(try size("truth.png") == [120, 40])
        #expect(truth.output.contains("road"))
        // The same scan as a scene of the run's data.
        let scene = try render(fixture.folder("run"), "--scene", "0", "-o", "scene.png")
        #expect(scene.output == truth.output)
        #expect(try folder.bytes("scene.png") == folder.bytes("truth.png"))
        let model = try render(
            scan, "--labels", fixture.folder("run"), "--view", "top", "-o", "model.png")
        #expect(try size("model.png") == [60, 40])
        // The model's labels equal those in the file that it writes.
        _ = try Denju.run(["predict", fixture.folder("run"), "--output", "out", scan], in: folder)
        let file = try render(
            scan, "--labels", "out/000000.label", "--view", "top", "-o", "file.png")
        #expect(file.output == model.output)
        #expect(try folder.bytes("file.png") == folder.bytes("model.png"))
        let errors = try render(scan, "--labels", "out/000000.label", "--errors", "-o", "e.png")
        #expect(errors.output.contains("wrong"))
        let heights = try render(scan, "--labels", "none", "-o", "h.png")
        #expect(heights.output.hasPrefix("coloured by height"))
    }

    @Test func mistakesAreOneSentence() throws {
        let other = fixture.folder("scans/sequences/00/velodyne/000004.bin")
        try folder.write([1, 2, 3, 4], to: "short.label")
        expectOneSentence(
            try render(other, "--labels", "short.label", "-o", "x.png"),
            saying: ["short.label", "1 labels", "\(Scans.points) points"])
        expectOneSentence(
            try render(other, "--labels", "nowhere", "-o", "x.png"), saying: ["nowhere"])
        expectOneSentence(
            try render(fixture.folder("run"), "--scene", "7", "-o", "x.png"),
            saying: ["scene 7", "has 2"])
        expectOneSentence(
            try render(other, "--errors", "--labels", "none", "-o", "x.png"),
            saying: ["--errors"])
        expectOneSentence(
            try render("nothing.ply", "-o", "x.png"), saying: ["nothing.ply"])
        #expect(!folder.has("x.png"))
    }
}
