import Distillation
import NetworkTesting
import Testing

@Suite struct ObjectivePresetTests {
    private func sum(_ entries: [SettingValue]) throws -> WeightedSum {
        try ObjectiveSettings(entries).sum()
    }

    @Test(arguments: [
        (
            "srkd",
            "CrossEntropy() + LovaszSoftmax() + 0.3 * SoftTargets(temperature: 2) + "
                + "CrossSampleRelation(temperature: 0.1) + SuperVoxelRelation(point: 1, voxel: 1)"
        ),
        (
            "srkd-paper",
            "CrossEntropy() + LovaszSoftmax() + 0.3 * SoftTargets(temperature: 2) + "
                + "0.1 * CrossSampleRelation(temperature: 2) + "
                + "0.001 * SuperVoxelRelation(affinity: .distance, point: 1, voxel: 1)"
        ),
        (
            "simple-recipe",
            "CrossEntropy() + SoftTargets(temperature: 1) + 2.0 * FeatureProjector(exponent: 4)"
        ),
    ])
    func isTheSumOfItsSource(name: String, formula: String) throws {
        #expect(try sum([.table(["preset": .text(name)])]).description == formula)
    }

    @Test func otherTermsMayStandBesideIt() throws {
        let names = try sum([
            .text("relation.dense"), .table(["preset": .text("srkd")]),
            .table(["feature.projector": .number(0.5)]),
        ]).names
        #expect(names.first == "relation.dense" && names.last == "feature.projector")
        #expect(names.count == 7)
    }

    @Test func anUnknownOneIsAnsweredWithThoseThereAre() throws {
        let error = #expect(throws: ObjectiveError.self) {
            try sum([.text("task.lovasz"), .table(["preset": .text("skrd")])])
        }
        #expect(
            error?.description
                == "objectives[1].preset: there is no such preset; those there are: default, task, "
                + "srkd, srkd-paper, simple-recipe.")
    }

    @Test func everyOneCanBePlanned() throws {
        for preset in ObjectivePreset.all {
            let sum = try sum([.table(["preset": .text(preset.name)])])
            _ = try ObjectivePlan(sum, for: ObjectiveTrial().pair)
            #expect(!preset.meaning.isEmpty && !preset.source.isEmpty)
        }
    }
}
