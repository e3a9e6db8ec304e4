import Foundation
import Testing

/// Scans without points are skipped and counted by every command.
@Suite struct EmptyScanTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    @Test("a run with an empty KITTI scan is trained, measured and reported")
    func emptyKITTIScan() throws {
        try Scans.write(training: 2, validation: 2, to: "scans", in: folder)
        for sequence in ["00", "08"] {
            try folder.write([], to: "scans/sequences/\(sequence)/velodyne/000001.bin")
            try folder.write([], to: "scans/sequences/\(sequence)/labels/000001.label")
        }
        try folder.write(
            TinyRecipe(steps: 2, batch: 2, data: TinyRecipe.scans(at: "scans")).yaml,
            to: "recipe.yaml")
        try expectEveryCommandToSkip("08/000001", of: "recipe.yaml")
    }

    @Test("a run with an empty PLY scan is trained, measured and reported")
    func emptyPLYScan() throws {
        var none = PointFile()
        none.points = []
        for split in ["train", "val"] {
            try folder.write(PointFile().ply(), to: "data/\(split)/b.ply")
            try folder.write(none.ply(), to: "data/\(split)/a.ply")
        }
        try folder.write(
            TinyRecipe(
                steps: 2, batch: 2, data: "  source: ply\n  path: data\n  classes: [floor, wall]"
            ).yaml, to: "recipe.yaml")
        try expectEveryCommandToSkip("val/a", of: "recipe.yaml")
    }

    private func expectEveryCommandToSkip(_ name: String, of recipe: String) throws {
        let trained = try folder.train(recipe, "run", "--workers", "1")
        #expect(trained.errors.contains("1 scan has no points and is skipped"), "\(trained.errors)")
        for command in [
            ["evaluate", "run"], ["predict", "run", "--output", "out"],
            ["report", "run", "--output", "report.html"],
        ] {
            let outcome = try Denju.run(command, in: folder)
            #expect(outcome.status == 0, "\(command): \(outcome.errors)")
            let text =
                command[0] == "report" ? try folder.text("report.html") : outcome.errors
            #expect(
                text.contains("1 scan has no points and is skipped"),
                "\(command): \(text.prefix(900))")
            #expect(text.contains(name))
        }
        let predicted = try Denju.run(["predict", "run", "--output", "out"], in: folder)
        #expect(predicted.output.contains("1 scans labelled, 1 without points skipped"))
        let checked = try Denju.run(["data", "check", recipe], in: folder)
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.contains("\(name) has no points and counts for nothing"))
    }

    @Test("a run without any labelled point says so")
    func runWithoutLabelsSaysSo() throws {
        var bare = PointFile()
        for index in bare.points.indices { bare.points[index].label = 9 }
        for split in ["train", "val"] {
            try folder.write(bare.ply(), to: "data/\(split)/a.ply")
        }
        try folder.write(
            TinyRecipe(
                steps: 1, batch: 2,
                data: """
                      source: ply
                      path: data
                      classes: [{floor: 0}, {wall: 1}, {ignored: rest}]
                    """
            ).yaml, to: "recipe.yaml")
        let trained = try Denju.run(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"], in: folder)
        #expect(trained.errors.contains("no training scan has a point with a class"))
        #expect(trained.errors.contains("no validation scan has a point with a class"))
        let checked = try Denju.run(["data", "check", "recipe.yaml"], in: folder)
        #expect(checked.output.contains("No training scene has a point with a class"))
        let evaluated = try Denju.run(["evaluate", "run"], in: folder)
        #expect(evaluated.errors.contains("no validation scan has a point with a class"))
    }
}
