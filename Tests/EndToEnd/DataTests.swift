import Foundation
import Testing

/// The commands of `denju data`.
@Suite struct DataTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func ply(_ name: String, points: Int, label: Int, x: Double = 0) throws {
        let lines = (0..<points).map { index in
            "\(x + Double(index % 10) * 0.4) \(Double(index / 10) * 0.4) 0 \(index % 256) \(label)"
        }
        let header = """
            ply
            format ascii 1.0
            element vertex \(points)
            property double x
            property double y
            property double z
            property uchar intensity
            property uchar label
            end_header

            """
        try folder.write(header + lines.joined(separator: "\n") + "\n", to: name)
    }

    @Test func checkReadsDataSet() throws {
        try ply("data/train/a.ply", points: 300, label: 3)
        try ply("data/train/b.ply", points: 300, label: 3)
        try ply("data/val/c.ply", points: 500, label: 7)
        let outcome = try Denju.run(["data", "check", "data", "--threads", "2"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        for part in [
            "ply in data: 2 training, 1 validation scenes", "1 100 points",
            "labels are 'label'", "intensity is 'intensity' / 255: they are bytes", "\n3 ", "\n7 ",
            "intensity      0", "voxels, 90th percentile", "grid: 0.5 leaves",
            "train/b holds the same points as train/a.",
        ] {
            #expect(outcome.output.contains(part), "\(part) in \(outcome.output)")
        }
        #expect(outcome.errors.contains("3/3"))
    }

    @Test func checkListsUnusableFiles() throws {
        try ply("data/a.ply", points: 30, label: 0)
        try folder.write(String(folder.text("data/a.ply").dropLast(40)), to: "data/b.ply")
        try folder.write("- tree: 0\n- house: 1\n", to: "classes.yaml")
        let outcome = try Denju.run(
            ["data", "check", "data", "--classes", "classes.yaml"], in: folder)
        #expect(outcome.status == 2)
        #expect(outcome.output.contains("tree"))
        #expect(outcome.output.contains("Cannot be used:\n  The file data/b.ply "))
    }

    @Test func checkReadsARecipe() throws {
        try Scans.write(training: 3, validation: 2, to: "scans", in: folder)
        try folder.write(
            TinyRecipe(data: TinyRecipe.scans(at: "scans")).yaml, to: "recipe.yaml")
        let outcome = try Denju.run(["data", "check", "recipe.yaml"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("semantickitti in scans: 3 training, 2 validation scenes"))
        #expect(outcome.output.contains("(the recipe has 0.4)"))
        expectOneSentence(
            try Denju.run(["data", "check", "recipe.yaml", "--data", "ply"], in: folder),
            saying: ["a recipe sets them itself"])
        expectOneSentence(
            try Denju.run(["data", "check", "nowhere"], in: folder),
            saying: ["There is no folder nowhere"])
    }

    @Test func splitProposalIsValidInRecipe() throws {
        for (index, name) in ["a", "b", "c", "d", "e", "f"].enumerated() {
            try ply(
                "data/\(name).ply", points: 200, label: index % 2,
                x: 1000 + 300 * Double(index))
        }
        let outcome = try Denju.run(
            ["data", "split", "data", "--validation", "0.34"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let proposed = outcome.output.prefix(
            upTo: try #require(outcome.output.range(of: "\n\n")).lowerBound)
        #expect(proposed.split(separator: "\n").count == 9)
        // The printed lines are pasted into a recipe without changes.
        var recipe = TinyRecipe(
            data: "  source: ply\n  path: data\n  classes: [x, y]\n" + proposed)
        recipe.rest = ""
        try folder.write(recipe.yaml, to: "recipe.yaml")
        let check = try Denju.run(["data", "check", "recipe.yaml"], in: folder)
        #expect(check.output.contains("4 training, 2 validation scenes"), "\(check.errors)")
        expectOneSentence(
            try Denju.run(["data", "split", "data", "--validation", "0.95"], in: folder),
            saying: ["--validation 0.95"])
    }
}
