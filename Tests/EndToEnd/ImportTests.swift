import Checkpoints
import Foundation
import Interchange
import Tensors
import Testing

@Suite struct ImportTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    /// A public checkpoint from the fixtures of InterchangeTests.
    private func checkpoint(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "InterchangeTests/Fixtures/\(name)").path
    }

    @Test func publicCheckpointIsImportedAsTeacher() throws {
        try Scans.write(training: 3, validation: 1, to: "scans", in: folder)
        var recipe = TinyRecipe(steps: 1, data: TinyRecipe.scans(at: folder("scans")))
        recipe.teacher = folder("teacher.safetensors")
        recipe.objectives = TinyRecipe.distilling
        try folder.write(recipe.yaml, to: "recipe.yaml")

        let alone = try Denju.run(
            ["import", checkpoint("distributed.pth"), "--output", "teacher.safetensors"],
            in: folder)
        #expect(alone.status == 0, "\(alone.errors)")
        #expect(alone.output.contains("4 inputs per point, 3 classes"))
        #expect(alone.output.contains("heads"))
        let file = try SafetensorsFile(folder("teacher.safetensors"))
        #expect(file.contains("backbone.embedding.stem.conv.weight"))
        #expect(file.metadata["denju.network"]?.contains("enc_channels") == true)

        // Its classes differ from the data's: training and import with the recipe report it.
        let training = try Denju.run(
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"], in: folder)
        expectOneSentence(
            training, saying: ["teacher.safetensors", "knows 3 classes", "19: car"])
        let mistaken = try Denju.run(
            [
                "import", checkpoint("plain.pth"), "--output", "other.safetensors", "--recipe",
                "recipe.yaml",
            ], in: folder)
        expectOneSentence(mistaken, saying: ["plain.pth", "3 classes", "19"])
        #expect(!folder.has("other.safetensors"))
    }

    /// The exported tensors equal those in the PyTorch file bit by bit.
    ///
    /// InterchangeTests compares the
    /// scores of the same tensors with PyTorch's.
    @Test func importedTensorsEqualPyTorchTensors() throws {
        let outcome = try Denju.run(
            ["import", checkpoint("plain.pth"), "--output", "a.safetensors"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let written = try SafetensorsFile(folder("a.safetensors"))
        let theirs = try PyTorchFile(checkpoint("plain.pth")).weights()
        #expect(Set(written.names) == Set(theirs.names))
        for weight in theirs {
            #expect(try written.shape(weight.name) == weight.shape, "\(weight.name)")
            let ours = try written.tensor(weight.name).values
            #expect(
                ours.map(\.bitPattern) == weight.tensor.values.map(\.bitPattern), "\(weight.name)")
        }
    }

    @Test func configurationSuppliesWhatShapesDoNotDetermine() throws {
        try folder.write("patch_size: 16\nenc_num_head: [2, 4]\n", to: "network.yaml")
        let outcome = try Denju.run(
            [
                "import", checkpoint("plain.pth"), "--output", "a.safetensors", "--config",
                "network.yaml",
            ], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(!outcome.output.contains("are assumed"))
        let described = try SafetensorsFile(folder("a.safetensors")).metadata["denju.network"]
        #expect(described?.contains(#""enc_patch_size":[16,16]"#) == true)
        #expect(described?.contains(#""enc_num_head":[2,4]"#) == true)
    }

    /// A model file of this program has its settings with it as well.
    @Test func checkpointSuppliesItsOwnConfiguration() throws {
        for (source, output) in [
            (checkpoint("configured.pth"), "a.safetensors"),
            (folder("a.safetensors"), "b.safetensors"),
        ] {
            let outcome = try Denju.run(["import", source, "--output", output], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(!outcome.output.contains("are assumed"))
            let described = try SafetensorsFile(folder(output)).metadata["denju.network"]
            #expect(described?.contains(#""enc_patch_size":[16,16]"#) == true)
            #expect(described?.contains(#""enc_num_head":[2,4]"#) == true)
        }
    }

    @Test(arguments: [
        ("enc_depths: [2, 1]", ["plain.pth", "enc_depths is [1, 1]", "[2, 1] in network.yaml"]),
        ("preset: tiny-student", ["enc_channels is [4, 8]", "in network.yaml"]),
        ("enc_dephts: [1, 1]", ["network.yaml", "enc_dephts"]),
        ("- 3", ["network.yaml", "mapping"]),
    ])
    func configurationOfAnotherNetworkIsRejected(text: String, parts: [String]) throws {
        try folder.write(text, to: "network.yaml")
        let outcome = try Denju.run(
            [
                "import", checkpoint("plain.pth"), "--output", "a.safetensors", "--config",
                "network.yaml",
            ], in: folder)
        expectOneSentence(outcome, saying: parts)
        #expect(!folder.has("a.safetensors"))
    }

    @Test(arguments: [
        ("refused/os.system.pth", "os.system"), ("missing.pth", "missing.pth"),
        ("make_checkpoints.py", "not a file of torch.save"),
    ])
    func invalidCheckpointIsRejected(name: String, word: String) throws {
        let outcome = try Denju.run(
            ["import", checkpoint(name), "--output", "a.safetensors"], in: folder)
        expectOneSentence(outcome, saying: [word])
        #expect(!folder.has("a.safetensors"))
    }
}

/// Checkpoints whose weights have other names or lie deeper than usual.
@Suite struct ImportNamesTests {
    private let folder: Folder

    init() throws { folder = try Folder() }

    private func checkpoint(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "InterchangeTests/Fixtures/\(name)").path
    }

    private func convert(_ name: String, _ options: String...) throws -> Command.Outcome {
        try Denju.run(
            ["import", checkpoint(name), "--output", "a.safetensors"] + options, in: folder)
    }

    private func digest() throws -> String {
        try Denju.run(["verify", "--digest", "a.safetensors"], in: folder).output
    }

    @Test("parts of names that wrappers add do not count")
    func wrappersDoNotCount() throws {
        #expect(try convert("plain.pth").status == 0)
        let plain = try digest()
        #expect(plain.count == 65)
        let compiled = try convert("compiled.pth")
        #expect(compiled.status == 0, "\(compiled.errors)")
        #expect(try digest() == plain)
    }

    @Test("the key and the prefix of weights are options that the messages name")
    func keyAndPrefixAreOptions() throws {
        #expect(try convert("plain.pth").status == 0)
        let plain = try digest()
        expectOneSentence(
            try convert("nested.pth"),
            saying: ["dictionaries under 'teacher', 'ema'", "--key teacher"])
        #expect(try convert("nested.pth", "--key", "teacher").status == 0)
        #expect(try digest() == plain)
        expectOneSentence(
            try convert("nested.pth", "--key", "ema"), saying: ["'state'", "--key ema.state"])
        expectOneSentence(
            try convert("nested.pth", "--key", "ema.state"),
            saying: ["begin with 'net.'", "--prefix net."])
        let both = try convert("nested.pth", "--key", "ema.state", "--prefix", "net")
        #expect(both.status == 0, "\(both.errors)")
        #expect(try digest() == plain)
        expectOneSentence(
            try convert("nested.pth", "--key", "emma"), saying: ["no dictionary 'emma'", "'ema'"])
        expectOneSentence(
            try convert("plain.pth", "--prefix", "other"), saying: ["no weights below 'other.'"])
    }

    @Test("safetensors files have prefixes but no keys") func safetensorsHavePrefixes() throws {
        #expect(try convert("plain.pth").status == 0)
        let plain = try digest()
        let again = try Denju.run(
            ["import", "a.safetensors", "--output", "b.safetensors", "--key", "ema"], in: folder)
        expectOneSentence(again, saying: ["leave out --key"])
        let file = try SafetensorsFile(folder("a.safetensors"))
        var weights = Weights()
        for name in file.names {
            var weight = try file.namedTensor(name)
            weight.name = "model._orig_mod." + name
            weights.append(weight)
        }
        try SafetensorsWriter.write(weights, to: folder("c.safetensors"), metadata: [:])
        expectOneSentence(
            try Denju.run(["import", "c.safetensors", "--output", "d.safetensors"], in: folder),
            saying: ["--prefix model."])
        let prefixed = try Denju.run(
            ["import", "c.safetensors", "--output", "a.safetensors", "--prefix", "model."],
            in: folder)
        #expect(prefixed.status == 0, "\(prefixed.errors)")
        #expect(try digest() == plain)
    }
}
