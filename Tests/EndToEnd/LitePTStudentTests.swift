import Foundation
import Testing

/// A LitePT that is distilled from a Point Transformer V3.
@Suite struct LitePTStudentTests {
    private let fixture: SharedFixture
    private let folder: Folder
    /// Two stages: the first convolves, the second attends.
    private let student = """
        {network: litept, stride: [2], enc_depths: [1, 1], enc_channels: [8, 12], enc_num_head: [1, 2], \
        enc_conv: [true, false], enc_attn: [false, true], enc_rope_freq: [100, 100], \
        enc_patch_size: [32, 32], dec_depths: [0], dec_channels: [8], dec_num_head: [1], \
        dec_conv: [false], dec_attn: [false], dec_rope_freq: [100], dec_patch_size: [32]}
        """

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    private func recipe(_ student: String, objectives: [String]) -> TinyRecipe {
        var recipe = fixture.distillation
        recipe.steps = 6
        recipe.student = student
        recipe.objectives = objectives
        return recipe
    }

    /// Stage by stage and across clouds: the rows of both networks are the same voxels.
    @Test func digestDoesNotDependOnWorkersAndSurvivesResuming() throws {
        let objectives = TinyRecipe.distilling + ["hierarchy.stages: 0.5"]
        try folder.write(recipe(student, objectives: objectives).yaml, to: "recipe.yaml")
        try folder.train("recipe.yaml", "one", "--workers", "1")
        try folder.train("recipe.yaml", "three", "--workers", "3", "--stop-after", "4")
        try folder.train("recipe.yaml", "three", "--workers", "2", "--resume")
        let digest = try folder.digest(of: "one")
        #expect(try folder.digest(of: "three") == digest)

        let exported = try Denju.run(
            ["export", "one", "--output", "m.safetensors"], in: folder)
        #expect(exported.status == 0, "\(exported.errors)")
        let scan = "scans/sequences/08/velodyne/000000.bin"
        for (model, output) in [("one", "a"), ("m.safetensors", "b")] {
            let outcome = try Denju.run(
                ["predict", model, "--output", output, fixture.folder(scan)], in: folder)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
        let names = try folder.names(in: "a")
        #expect(try !names.isEmpty && folder.names(in: "b") == names)
        for name in names {
            #expect(try folder.bytes("a/\(name)") == folder.bytes("b/\(name)"), "\(name)")
        }
        let profile = try Denju.run(
            ["profile", "m.safetensors", fixture.folder(scan), "--json"], in: folder)
        #expect(profile.status == 0, "\(profile.errors)")
        #expect(profile.output.contains("enc1") && profile.output.contains("seg_head"))
    }

    /// A preset names its network, so that recipes need not.
    @Test func presetNamesItsNetwork() throws {
        var small = recipe("{preset: lite-tiny}", objectives: ["task.cross-entropy"])
        small.steps = 1
        try folder.write(small.yaml, to: "recipe.yaml")
        let outcome = try folder.train("recipe.yaml", "run", "--workers", "1")
        #expect(outcome.status == 0)
        let model = try Denju.run(["inspect", "run"], in: folder)
        #expect(model.output.contains("backbone.enc.enc0.block0.conv.0.weight"))
        small.student = "{preset: lite}"
        try folder.write(small.yaml, to: "wrong.yaml")
        expectOneSentence(
            try Denju.run(["train", "--recipe", "wrong.yaml", "--run", "wrong"], in: folder),
            saying: ["There is no preset 'lite'", "lite-tiny", "tiny-student"])
    }

    /// Rows of a stage that the teacher numbers differently cannot be compared.
    @Test func stagesWithoutMatchAreNamed() throws {
        let other = student.replacing("stride: [2]", with: "stride: [3]")
        try folder.write(
            recipe(other, objectives: ["hierarchy.stages: 0.5"]).yaml, to: "recipe.yaml")
        expectOneSentence(
            try Denju.run(["train", "--recipe", "recipe.yaml", "--run", "run"], in: folder),
            saying: ["hierarchy.stages", "different voxels", "strides"])
    }
}
