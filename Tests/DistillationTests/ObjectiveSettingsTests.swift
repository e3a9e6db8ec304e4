import Distillation
import Foundation
import Settings
import Testing

@Suite struct ObjectiveSettingsTests {
    private func sum(_ json: String) throws -> WeightedSum {
        try ObjectiveSettings(yaml: json).sum()
    }

    @Test func weightFadesFromASetting() throws {
        let sum = try sum(
            "[task.cross-entropy: {weight: 2, ramp: 2, fade: {to: 1, start: 10, steps: 5}}]")
        #expect(
            "\(sum)" == "(2.0 * CrossEntropy()).ramped(over: 2).fading(to: 1, from: 10, over: 5)")
        let error = #expect(throws: SettingsError.self) {
            try self.sum("[task.lovasz: {fade: {until: 3}}]")
        }
        #expect(
            error?.description
                == "the objectives, line 1: objectives[0].task.lovasz.fade has no setting 'until'; it "
                + "has start, steps, to.")
    }

    @Test("placebo: shuffle needs a term with a teacher") func placeboFromASetting() throws {
        #expect(
            try sum("[relation.dense: {weight: 0.5, placebo: shuffle}]").description
                == "(0.5 * DenseRelation(within: 1, across: 1)).placebo()")
        let error = #expect(throws: SettingsError.self) {
            try self.sum("[task.lovasz: {placebo: shuffle}]")
        }
        #expect(error?.description.contains("reads nothing of a teacher") == true)
    }

    @Test func recipeBuildsTheSameSum() throws {
        let built = try sum(
            """
            ["task.cross-entropy", {"task.lovasz": {}}, {"semantic.soft-targets": 0.3},
             {"relation.cross-sample": {"temperature": 0.1, "weight": 1}},
             {"relation.dense": {"weight": 0.5, "across": 2, "start": 5, "ramp": 100}}]
            """)
        #expect(
            built.description
                == "CrossEntropy() + LovaszSoftmax() + 0.3 * SoftTargets(temperature: 2) + "
                + "CrossSampleRelation(temperature: 0.1) + "
                + "(0.5 * DenseRelation(within: 1, across: 2)).ramped(from: 5, over: 100)")
    }

    @Test func defaultsAreThoseOfTheSources() throws {
        #expect(
            try sum(#"["semantic.soft-targets"]"#).description
                == "0.3 * SoftTargets(temperature: 2)")
        #expect(try sum(#"[{"task.lovasz": null}]"#).description == "LovaszSoftmax()")
        #expect(
            try sum(#"[{"relation.cross-sample": {"preset": "srkd-paper"}}]"#).description
                == "0.1 * CrossSampleRelation(temperature: 2)")
        #expect(
            try sum(#"[{"task.cross-entropy": {"class-weights": [1, 2], "label-smoothing": 0.1}}]"#)
                .description == "CrossEntropy(classWeights: [1, 2], labelSmoothing: 0.1)")
        #expect(
            try sum(#"[{"semantic.soft-targets": {"scale-by-temperature": false}}]"#).description
                == "0.3 * SoftTargets(temperature: 2, scaleByTemperature: false)")
    }

    @Test("spellings with underscores are accepted and the new spelling is named")
    func underscoresAreOldSpellings() throws {
        let settings = try ObjectiveSettings(
            yaml: "[task.cross-entropy: {class_weights: [1, 2], label-smoothing: 0.1}]")
        #expect(
            try settings.sum().description
                == "CrossEntropy(classWeights: [1, 2], labelSmoothing: 0.1)")
        #expect(
            settings.section.notes.all == [
                "the objectives, line 1: objectives[0].task.cross-entropy.class_weights is an old "
                    + "spelling: write objectives[0].task.cross-entropy.class-weights."
            ])
    }

    @Test(arguments: [
        (
            #"["task.cross-entropy", {"relation.dense": {"wihtin": 1}}]"#,
            "objectives[1].relation.dense has no setting 'wihtin': did you mean 'within'?"
        ),
        (
            #"[{"semantic.soft-targets": {"temperature": -2}}]"#,
            "objectives[0].semantic.soft-targets.temperature is -2: give a number above 0."
        ),
        (
            #"[{"semantic.soft-targets": {"temperature": "warm"}}]"#,
            "objectives[0].semantic.soft-targets.temperature must be a number."
        ),
        (
            #"[{"semantic.soft-targets": {"weight": -1}}]"#,
            "objectives[0].semantic.soft-targets.weight is -1: give a number from 0 up."
        ),
        (
            #"[{"relation.cross-sample": {"anchors": 1.5}}]"#,
            "objectives[0].relation.cross-sample.anchors must be a whole number."
        ),
        (
            #"[{"relation.cross-sample": {"preset": "mine"}}]"#,
            "objectives[0].relation.cross-sample.preset is 'mine': give srkd-paper."
        ),
        (
            #"[{"task.cross-entropy": {"class-weights": [1, -1]}}]"#,
            "objectives[0].task.cross-entropy.class-weights[1] is -1: give a number from 0 up."
        ),
        (
            #"[{"task.cross-entropy": {"label-smoothing": 1}}]"#,
            "objectives[0].task.cross-entropy.label-smoothing is 1: give a number from 0 to below "
                + "1."
        ),
        (
            #"[{"relation.dense": {"within": 0, "across": 0}}]"#,
            "objectives[0].relation.dense: within and across are both 0: remove the objective "
                + "instead."
        ),
        (
            #"[{"a": 1, "b": 2}]"#,
            "objectives[0] must be one objective: its name, or its name with settings."
        ),
        (
            #"[]"#,
            "objectives is empty, so there is nothing to learn: name at least "
                + "task.cross-entropy."
        ),
    ])
    func aMistakeIsNamedByItsPath(json: String, sentence: String) throws {
        let error = #expect(throws: SettingsError.self) { try sum(json) }
        #expect(error?.description == "the objectives, line 1: " + sentence)
    }

    @Test func unknownObjectiveIsRefusedWithTheKnownOnes() throws {
        let error = #expect(throws: SettingsError.self) { try sum(#"["relation.thick"]"#) }
        let names = ObjectiveCatalogue.entries.map(\.name).sorted().joined(separator: ", ")
        #expect(
            error?.description
                == "the objectives, line 1: there is no objective 'relation.thick'; there are \(names)."
        )
    }

    @Test func settingsSurviveARoundTrip() throws {
        let json = #"["task.lovasz", {"relation.dense": {"weight": 0.5, "within": 2}}]"#
        let settings = try ObjectiveSettings(yaml: json)
        let back = try ObjectiveSettings(yaml: settings.yaml)
        #expect(back.section.node == settings.section.node)
        #expect(try back.sum().description == settings.sum().description)
    }

    @Test func catalogueEntriesAreComplete() {
        let names = ObjectiveCatalogue.entries.map(\.name)
        #expect(Set(names).count == names.count)
        for entry in ObjectiveCatalogue.entries {
            #expect(!entry.formula.isEmpty && !entry.source.isEmpty)
            #expect(Set(entry.settings.map(\.key)).count == entry.settings.count)
        }
        #expect(ObjectiveCatalogue["semantic.soft-targets"]?.weight == 0.3)
    }
}
