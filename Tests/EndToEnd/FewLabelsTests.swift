import Testing

/// Runs in which only a part of the training scans has labels.
@Suite struct FewLabelsTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    /// A recipe of six distillation steps with partly labelled scans.
    private func recipe(_ labelled: String) throws -> String {
        var recipe = fixture.distillation
        recipe.steps = 6
        recipe.data += "\n  labelled: \(labelled)"
        return try folder.write(recipe.yaml, to: "recipe.yaml")
    }

    @Test(arguments: [
        "{percent: 20}", "{scans-per-class: 1}", "{scans: 3, unlabelled: drop}",
        "{scans: 3, per-batch: 2}",
    ])
    func digestIsEqualForAnyWorkersAndAfterResume(labelled: String) throws {
        _ = try recipe(labelled)
        let one = try folder.train("recipe.yaml", "one", "--workers", "1")
        try folder.train("recipe.yaml", "two", "--workers", "2", "--threads", "2")
        try folder.train("recipe.yaml", "cut", "--workers", "1", "--stop-after", "2")
        try folder.train("recipe.yaml", "cut", "--workers", "2", "--resume")
        let digest = try folder.digest(of: "one")
        #expect(try folder.digest(of: "two") == digest)
        #expect(try folder.digest(of: "cut") == digest)
        // The labelled scans are listed in the log and in the run's folder.
        let names = try folder.text("one/labelled.txt").split(separator: "\n")
        #expect((1...3).contains(names.count))
        let line = try #require(one.lines.first { $0.contains("of 13 training scans are used") })
        #expect(line.hasPrefix("denju: labels of \(names.count) of 13"))
        for name in names { #expect(line.contains(name)) }
        #expect(line.contains(labelled.contains("drop") ? "are left out" : "take part without"))
        #expect(try folder.text("cut/labelled.txt") == folder.text("one/labelled.txt"))
    }

    @Test func invalidRecipeLeavesNoFiles() throws {
        _ = try recipe("{scans: 14}")
        let outcome = try Denju.run(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"], in: folder)
        expectOneSentence(outcome, saying: ["data.labelled.scans is 14", "there are 13"])
        #expect(try folder.names() == ["recipe.yaml"])
    }
}
