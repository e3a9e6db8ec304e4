import Foundation
import Testing

/// `denju data check` names every faulty file and split.
@Suite struct CheckAllTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func check(_ arguments: String...) throws -> Command.Outcome {
        try Denju.run(["data", "check"] + arguments, in: folder)
    }

    private func expectFaults(_ outcome: Command.Outcome, _ names: [String]) {
        #expect(outcome.status == 2, "\(outcome.errors)")
        let list = outcome.output.components(separatedBy: "Cannot be used:\n").last ?? ""
        for name in names { #expect(list.contains(name), "\(name) in \(outcome.output)") }
        #expect(list.split(separator: "\n").count == names.count, "\(list)")
    }

    @Test("every file with a damaged header is named, and the others are counted")
    func everyDamagedHeaderIsNamed() throws {
        try Case.copy("data-check-stops-at-first", to: "data", in: folder)
        let outcome = try check("data")
        expectFaults(outcome, ["train/b.ply", "train/d.ply", "val/e.ply"])
        #expect(outcome.output.contains("ply in data: 3 training, 1 validation scenes"))
        #expect(outcome.output.contains("no class"))
    }

    @Test("every damaged PCD file and row of a .bin file is named")
    func everyDamagedFileOfOtherFormatsIsNamed() throws {
        try folder.write(PointFile().pcd(), to: "pcd/train/a.pcd")
        try folder.write("FIELDS x\n", to: "pcd/train/b.pcd")
        try folder.write("", to: "pcd/val/c.pcd")
        expectFaults(try check("pcd"), ["train/b.pcd", "val/c.pcd"])
        try folder.write(PointFile().bin(), to: "bin/train/a.bin")
        try folder.write([1, 2, 3], to: "bin/train/b.bin")
        try folder.write([1, 2, 3, 4, 5], to: "bin/val/c.bin")
        expectFaults(try check("bin"), ["train/b.bin", "val/c.bin"])
    }

    @Test("a split that cannot be opened is named with status 2")
    func splitThatCannotBeOpenedIsNamed() throws {
        try Scans.write(training: 2, validation: 2, to: "scans", in: folder)
        try folder.remove("scans/sequences/08/labels/000001.label")
        let recipe = try String(
            contentsOfFile: Case.path("data-check-drops-a-split.yaml"), encoding: .utf8)
        try folder.write(recipe.replacing("DIR", with: "scans"), to: "recipe.yaml")
        let outcome = try check("recipe.yaml")
        expectFaults(outcome, ["labels/000001.label is missing"])
        #expect(outcome.output.contains("2 training, 2 validation scenes"))
        expectLastSentence(
            try Denju.run(["train", "--recipe", "recipe.yaml", "--run", "r"], in: folder),
            saying: ["labels/000001.label is missing"])
        try folder.remove("scans/sequences/08/velodyne")
        expectFaults(try check("recipe.yaml"), ["has no folder scans/sequences/08/velodyne"])
    }

    @Test("a mistyped name of a split is named") func mistypedNameIsNamed() throws {
        try folder.write(PointFile().ply(), to: "data/a.ply")
        try folder.write(
            TinyRecipe(
                data: """
                      source: ply
                      path: data
                      classes: [floor, wall]
                      sequences: {training: [a], validation: [b], test: [c]}
                    """
            ).yaml, to: "recipe.yaml")
        expectFaults(try check("recipe.yaml"), ["names 'b'", "names 'c'"])
    }

    @Test("a file without labels is a fault of its own")
    func fileWithoutLabelsIsNamed() throws {
        let ply = PointFile().ply()
        let bare = ply.replacing("property uchar label\n", with: "")
            .replacing(" 0\n", with: "\n").replacing(" 1\n", with: "\n")
        try folder.write(ply, to: "data/train/a.ply")
        try folder.write(bare, to: "data/train/b.ply")
        try folder.write(bare, to: "data/train/c.ply")
        try folder.write(ply, to: "data/val/d.ply")
        try folder.write(
            TinyRecipe(data: "  source: ply\n  path: data\n  classes: [floor, wall]").yaml,
            to: "recipe.yaml")
        let outcome = try check("recipe.yaml")
        expectFaults(outcome, ["train/b.ply has no labels", "train/c.ply has no labels"])
        expectLastSentence(
            try Denju.run(["train", "--recipe", "recipe.yaml", "--run", "r"], in: folder),
            saying: ["train/b.ply has no labels", "1 other"])
    }

    @Test("a channel that some files lack is reported")
    func channelThatSomeFilesLackIsReported() throws {
        let ply = PointFile().ply()
        try folder.write(ply, to: "data/train/a.ply")
        try folder.write(
            ply.replacing("float intensity", with: "float other"), to: "data/val/b.ply")
        let outcome = try check("data")
        #expect(
            outcome.output.contains("intensity is not read: 1 of 2 files lack it"),
            "\(outcome.output)")
    }

    @Test("ranges are compared across files") func rangesAreComparedAcrossFiles() throws {
        try folder.write(PointFile().ply(scale: 255), to: "data/train/a.ply")
        try folder.write(PointFile(turn: 1).ply(), to: "data/train/b.ply")
        let low = try check("data")
        #expect(low.status == 0, "\(low.errors)")
        #expect(
            low.output.contains("full intensity is 255, but it reaches 0.9"), "\(low.output)")
        try folder.write(PointFile(turn: 2).ply(scale: 4000), to: "data/train/c.ply")
        expectFaults(try check("data"), ["assumed to be between 0 and 255"])
        let stated = try check("data", "--option", "intensity-range=255")
        #expect(stated.output.contains("are clamped"), "\(stated.output)")
    }

    @Test("training reports ranges that differ, and what it clamps")
    func trainingReportsRanges() throws {
        try folder.write(PointFile().ply(scale: 255), to: "data/train/a.ply")
        try folder.write(PointFile(turn: 1).ply(), to: "data/train/b.ply")
        try folder.write(PointFile(turn: 2).ply(scale: 255), to: "data/val/c.ply")
        let data = "  source: ply\n  path: data\n  classes: [floor, wall]"
        try folder.write(TinyRecipe(steps: 1, batch: 2, data: data).yaml, to: "recipe.yaml")
        let detected = try folder.train("recipe.yaml", "a", "--workers", "1")
        #expect(detected.errors.contains("intensity is 'intensity' / 255"), "\(detected.errors)")
        #expect(detected.errors.contains("full intensity is 255, but it reaches 0.9"))
        try folder.write(
            TinyRecipe(
                steps: 1, batch: 2, data: data + "\n  options: {intensity-range: 100}"
            ).yaml, to: "recipe.yaml")
        let stated = try folder.train("recipe.yaml", "b", "--workers", "1")
        #expect(stated.errors.contains("outside 0 to 100 are clamped"), "\(stated.errors)")
        #expect(stated.errors.contains("set data.options.intensity-range to NUMBER"))
    }

    @Test("scans without points are counted and hide nothing")
    func emptyScansAreCounted() throws {
        var none = PointFile()
        none.points = []
        try folder.write(none.ply(), to: "data/train/a.ply")
        try folder.write(PointFile().ply(scale: 255), to: "data/train/b.ply")
        let outcome = try check("data")
        #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output)")
        #expect(outcome.output.contains("has no points and counts for nothing"))
        #expect(outcome.output.contains("intensity is 'intensity' / 255"))
    }
}
