import Checkpoints
import Foundation
import Testing

/// A student exported as one file, used without its run.
@Suite struct ExportTests {
    private let folder: Folder
    private let fixture: SharedFixture

    init() throws {
        folder = try Folder()
        fixture = try SharedFixture.open()
    }

    private func export() throws {
        let outcome = try Denju.run(
            ["export", fixture.folder("run"), "--output", "student.safetensors"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("19 classes, reads position, intensity"))
    }

    @Test func exportedStudentPredictsLikeRun() throws {
        try export()
        let scan = fixture.folder("scans/sequences/08/velodyne/000000.bin")
        for (model, place) in [(fixture.folder("run"), "a"), ("student.safetensors", "b")] {
            let outcome = try Denju.run(
                ["predict", model, "--output", place, "--probabilities", scan], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        #expect(
            try folder.names(in: "a")
                == ["000000.label", "000000.ply", "000000.probabilities.npy"])
        #expect(try folder.bytes("a/000000.label") == folder.bytes("b/000000.label"))
        #expect(
            try folder.bytes("a/000000.probabilities.npy")
                == folder.bytes("b/000000.probabilities.npy"))
        #expect(try folder.bytes("a/000000.label").count == 4 * Scans.points)
        #expect(
            try folder.bytes("a/000000.probabilities.npy").count
                == 128 + 4 * 19 * Scans.points)
    }

    /// Names and shapes are those of PyTorch, and the file contains no other tensors.
    @Test func exportedStudentHasCheckpointTensors() throws {
        try export()
        let file = try SafetensorsFile(folder("student.safetensors"))
        #expect(file.metadata["format"] == "pt")
        #expect(file.metadata["denju.data"]?.contains(#""grid":0.4"#) == true)
        #expect(file.metadata["denju.network"]?.contains(#""enc_channels":[8,16]"#) == true)
        #expect(try file.shape("seg_head.weight") == [19, 8])
        #expect(file.names.allSatisfy { $0.hasPrefix("backbone.") || $0.hasPrefix("seg_head.") })
    }

    @Test func viewsAndTilesLabelEveryPoint() throws {
        try export()
        let scan = fixture.folder("scans/sequences/08/velodyne/000001.bin")
        let outcome = try Denju.run(
            [
                "predict", "student.safetensors", "--output", "a", "--views", "8", "--threads", "2",
                "--tile", "1000", "--margin", "3", scan,
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try folder.bytes("a/000001.label").count == 4 * Scans.points)
    }

    @Test(arguments: [
        (["--views", "9"], "--views is 9"), (["--tile", "5"], "--tile is 5"),
        (["--margin=-1"], "--margin is -1"),
    ])
    func invalidVotingOptionsAreRejected(options: [String], part: String) throws {
        try export()
        let outcome = try Denju.run(
            ["predict", "student.safetensors", "--output", "a", "x.bin"] + options, in: folder)
        expectOneSentence(outcome, saying: [part])
        #expect(!folder.has("a"))
    }

    @Test func optionsForNamedScansAreApplied() throws {
        try export()
        let ply = """
            ply
            format ascii 1.0
            element vertex 3
            property double x
            property double y
            property double z
            property float intensity
            end_header
            650000.5 6860000.25 100 10
            650001.5 6860001.25 101 20
            650002.5 6860003.25 101 4000

            """
        try folder.write(ply, to: "survey.ply")
        let far = try Denju.run(
            ["predict", "student.safetensors", "--output", "a", "survey.ply"], in: folder)
        #expect(far.status == 2 && far.errors.contains("centre"), "\(far.errors)")
        let outcome = try Denju.run(
            [
                "predict", "student.safetensors", "--output", "a", "--option", "centre=1",
                "--option",
                "intensity-range=4095", "survey.ply",
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try folder.text("a/survey.ply").contains("property int label"))
    }

    @Test func modelWithoutDataRequiresScans() throws {
        try export()
        let outcome = try Denju.run(
            ["predict", "student.safetensors", "--output", "a"], in: folder)
        expectOneSentence(outcome, saying: ["name scans"])
    }
}
