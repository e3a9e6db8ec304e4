import Checkpoints
import Foundation
import Testing

/// Weights that are not finite are refused by every command that loads them.
@Suite struct WeightsTests {
    private let folder: Folder
    private let fixture: SharedFixture

    init() throws {
        folder = try Folder()
        fixture = try SharedFixture.open()
        let outcome = try Denju.run(
            ["export", fixture.folder("run"), "--output", "good.safetensors"], in: folder)
        guard outcome.status == 0 else { throw TestError(outcome.errors) }
        try damage(.nan, to: "nan.safetensors")
    }

    /// Copies the model with another number at the beginning of a weight.
    private func damage(_ value: Float, to name: String) throws {
        var bytes = try folder.bytes("good.safetensors")
        let file = try SafetensorsFile(folder("good.safetensors"))
        let weight = "backbone.enc.enc0.block0.attn.qkv.weight"
        let start = try file.entry(weight).range.lowerBound
        bytes.replaceSubrange(start..<start + 4, with: PointFile.word(value.bitPattern))
        try folder.write(bytes, to: name)
    }

    private let weight = "backbone.enc.enc0.block0.attn.qkv.weight has a number that is not finite"

    @Test(
        "predict, verify, export, import, evaluate, profile and render refuse such weights",
        arguments: [
            ["predict", "nan.safetensors", "--output", "o", "a.bin"],
            ["verify", "nan.safetensors"],
            ["export", "nan.safetensors", "--output", "b.safetensors"],
            ["import", "nan.safetensors", "--output", "b.safetensors"],
            ["evaluate", "nan.safetensors", "--recipe", "recipe.yaml"],
            ["profile", "nan.safetensors", "a.bin"],
            ["render", "a.bin", "--labels", "nan.safetensors", "--output", "a.png"],
        ])
    func commandsRefuseSuchWeights(arguments: [String]) throws {
        try folder.write(PointFile().bin(), to: "a.bin")
        try folder.write(fixture.alone(steps: 2).yaml, to: "recipe.yaml")
        expectOneSentence(
            try Denju.run(arguments, in: folder), saying: ["nan.safetensors", weight])
        #expect(!folder.has("b.safetensors") && !folder.has("o") && !folder.has("a.png"))
    }

    @Test("an infinite weight is refused as well") func infiniteWeightIsRefused() throws {
        try damage(-.infinity, to: "inf.safetensors")
        expectOneSentence(
            try Denju.run(["verify", "inf.safetensors"], in: folder), saying: [weight])
    }

    @Test("a teacher and a first student of such weights are refused before training")
    func teacherOfSuchWeightsIsRefused() throws {
        var recipe = fixture.alone(steps: 2)
        recipe.teacher = folder("nan.safetensors")
        recipe.objectives = TinyRecipe.distilling
        recipe.rest = "views: {name: weak, count: 2}"
        try folder.write(recipe.yaml, to: "recipe.yaml")
        for arguments in [
            ["train", "--recipe", "recipe.yaml", "--run", "run", "--workers", "1"],
            ["teach", "recipe.yaml", "--pack", "pack"],
        ] {
            expectLastSentence(try Denju.run(arguments, in: folder), saying: [weight])
        }
    }

    @Test("verify and inspect accept what predict accepts")
    func verifyAcceptsWhatPredictAccepts() throws {
        let run = fixture.folder("run")
        for model in [
            "good.safetensors", run, run + "/checkpoints", run + "/checkpoints/latest",
        ] {
            let verified = try Denju.run(["verify", model], in: folder)
            #expect(verified.status == 0, "\(model): \(verified.errors)")
            #expect(verified.output.contains("all good"))
            let digest = try Denju.run(["verify", "--digest", model], in: folder)
            #expect(digest.output.count == 65, "\(digest.errors)")
            let inspected = try Denju.run(["inspect", model], in: folder)
            #expect(inspected.status == 0, "\(model): \(inspected.errors)")
            #expect(inspected.output.contains("seg_head.weight"))
            let exported = try Denju.run(
                ["export", model, "--output", "c.safetensors"], in: folder)
            #expect(exported.status == 0, "\(model): \(exported.errors)")
        }
        let inspected = try Denju.run(["inspect", "good.safetensors"], in: folder)
        #expect(inspected.output.contains(#""grid":0.4"#))
        try folder.write("not a model", to: "text.safetensors")
        for command in ["verify", "inspect"] {
            expectOneSentence(
                try Denju.run([command, "text.safetensors"], in: folder),
                saying: ["text.safetensors"])
        }
    }

    @Test("a copied checkpoint under another name is a checkpoint")
    func copiedCheckpointIsCheckpoint() throws {
        let latest = try fixture.folder.text("run/checkpoints/latest").dropLast()
        try FileManager.default.copyItem(
            atPath: fixture.folder("run/checkpoints/\(latest)"), toPath: folder("kept"))
        try FileManager.default.createSymbolicLink(
            atPath: folder("link"), withDestinationPath: "kept")
        for model in ["kept", "link"] {
            let verified = try Denju.run(["verify", model], in: folder)
            #expect(verified.status == 0, "\(verified.errors)")
        }
    }
}
