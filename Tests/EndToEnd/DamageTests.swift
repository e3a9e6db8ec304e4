import Testing

/// Damaged checkpoints and scans are reported by name and not used.
@Suite struct DamageTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    enum Damage: String, CaseIterable {
        case cut, flipped, missing

        func apply(to name: String, in folder: Folder) throws {
            var bytes = try folder.bytes(name)
            switch self {
            case .cut: try folder.write(Array(bytes.dropLast(100)), to: name)
            case .flipped:
                bytes[bytes.count / 2] ^= 0x10
                try folder.write(bytes, to: name)
            case .missing: try folder.remove(name)
            }
        }

        /// The words by which the damage is reported.
        var report: String {
            switch self {
            case .cut: "is cut short"
            case .flipped: "has been changed"
            case .missing: "is missing"
            }
        }
    }

    private func shard(of checkpoint: String) throws -> String {
        let names = try folder.names(in: checkpoint)
        let name = try #require(
            names.first { $0.hasPrefix("model") && $0.hasSuffix(".safetensors") })
        return checkpoint + "/" + name
    }

    @Test(arguments: Damage.allCases)
    func damagedCheckpointIsSkipped(damage: Damage) throws {
        try folder.write(fixture.alone(steps: 6).yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "run", "--workers", "1", "--stop-after", "4")
        try folder.copy("run", to: "whole")
        let newest = try shard(of: "run/checkpoints/step-00000004")
        try damage.apply(to: newest, in: folder)

        let verdict = try Denju.run(["verify", "run"], in: folder)
        expectOneSentence(verdict, saying: [newest, damage.report])

        let resumed = try folder.train("recipe.yaml", "run", "--workers", "1", "--resume")
        #expect(resumed.errors.contains("step-00000004 is damaged and was skipped"))
        #expect(resumed.errors.contains(newest))
        #expect(resumed.errors.contains("resuming from step-00000002"))
        try folder.train("recipe.yaml", "whole", "--workers", "1", "--resume")
        #expect(try folder.digest(of: "run") == folder.digest(of: "whole"))
        #expect(try folder.steps().map(\.step) == Array(1...6))
    }

    @Test func commandsFailWithoutIntactCheckpoint() throws {
        try folder.write(fixture.alone(steps: 2).yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "run", "--workers", "1", "--stop-after", "1")
        let only = try shard(of: "run/checkpoints/step-00000001")
        try Damage.flipped.apply(to: only, in: folder)
        for command in [
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1", "--resume"],
            ["evaluate", "run"], ["predict", "run", "--output", "out"], ["verify", "run"],
        ] {
            expectOneSentence(try Denju.run(command, in: folder), saying: [only])
        }
        #expect(!folder.has("out"))
    }

    @Test(
        arguments: [
            ("velodyne/000003.bin", "4 numbers"), ("labels/000003.label", "labels"),
        ])
    func damagedScanEndsRunAndIsNamed(name: String, word: String) throws {
        try Scans.write(training: 5, validation: 1, to: "scans", in: folder)
        let file = "scans/sequences/00/" + name
        // Removes half a point of a scan, or a whole label.
        let cut = name.hasSuffix("bin") ? 8 : 4
        try folder.write(Array(try folder.bytes(file).dropLast(cut)), to: file)
        var recipe = fixture.alone(steps: 2)
        recipe.data = TinyRecipe.scans(at: folder("scans"))
        try folder.write(recipe.yaml, to: "recipe.yaml")
        for workers in ["1", "2"] {
            let outcome = try Denju.run(
                ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", workers],
                in: folder)
            expectLastSentence(outcome, saying: [folder(file), word])
            #expect(!folder.has("run/checkpoints/latest"), "no checkpoint is written")
        }
    }

    @Test func invalidScanIsNotLabelled() throws {
        try folder.write([1, 2, 3, 4, 5], to: "scan.bin")
        let outcome = try Denju.run(
            ["predict", fixture.folder("run"), "--output", "out", "scan.bin"], in: folder)
        expectLastSentence(outcome, saying: ["scan.bin", "4 numbers"])
    }
}
