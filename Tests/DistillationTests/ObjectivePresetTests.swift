import Distillation
import NetworkTesting
import Settings
import Testing

@Suite struct ObjectivePresetTests {
    private func sum(_ yaml: String) throws -> WeightedSum {
        try ObjectiveSettings(yaml: yaml).sum()
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
        #expect(try sum("[preset: \(name)]").description == formula)
    }

    @Test func termsMayAccompanyAPreset() throws {
        let names = try sum("[relation.dense, preset: srkd, feature.projector: 0.5]").names
        #expect(names.first == "relation.dense" && names.last == "feature.projector")
        #expect(names.count == 7)
    }

    @Test func unknownPresetIsRefusedWithTheKnownOnes() throws {
        let error = #expect(throws: SettingsError.self) {
            try sum("[task.lovasz, preset: skrd]")
        }
        #expect(
            error?.description
                == "the objectives, line 1: there is no preset 'skrd': did you mean 'srkd'?")
        let unlike = #expect(throws: SettingsError.self) { try sum("[preset: everything]") }
        #expect(
            unlike?.description
                == "the objectives, line 1: there is no preset 'everything'; there are default, "
                + "simple-recipe, srkd, srkd-paper, task.")
    }

    @Test func everyPresetCanBePlanned() throws {
        for preset in ObjectivePreset.all {
            let sum = try sum("[preset: \(preset.name)]")
            _ = try ObjectivePlan(sum, for: ObjectiveTrial().pair)
            #expect(!preset.meaning.isEmpty && !preset.source.isEmpty)
        }
    }
}
