import Distillation
import Foundation
import Testing

@Suite struct ObjectiveSettingsTests {
    private func sum(_ json: String) throws -> WeightedSum {
        try JSONDecoder().decode(ObjectiveSettings.self, from: Data(json.utf8)).sum()
    }

    @Test func aWeightFades() throws {
        let sum = try ObjectiveSettings([
            .table([
                "task.cross-entropy": .table([
                    "weight": .number(2), "ramp": .number(2),
                    "fade": .table(["to": .number(1), "start": .number(10), "steps": .number(5)]),
                ])
            ])
        ]).sum()
        #expect(
            "\(sum)" == "(2.0 * CrossEntropy()).ramped(over: 2).fading(to: 1, from: 10, over: 5)")
        let error = #expect(throws: ObjectiveError.self) {
            try ObjectiveSettings([
                .table(["task.lovasz": .table(["fade": .table(["until": .number(3)])])])
            ]).sum()
        }
        #expect(
            error?.description
                == "objectives[0].task.lovasz.fade.until: there is no such setting here; those there "
                + "are: to, start, steps.")
    }

    @Test func aRecipeBuildsTheSameSum() throws {
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

    @Test func theDefaultsAreThoseOfTheMethods() throws {
        #expect(
            try sum(#"["semantic.soft-targets"]"#).description
                == "0.3 * SoftTargets(temperature: 2)")
        #expect(try sum(#"[{"task.lovasz": null}]"#).description == "LovaszSoftmax()")
        #expect(
            try sum(#"[{"relation.cross-sample": {"preset": "srkd-paper"}}]"#).description
                == "0.1 * CrossSampleRelation(temperature: 2)")
        #expect(
            try sum(#"[{"task.cross-entropy": {"class_weights": [1, 2], "label_smoothing": 0.1}}]"#)
                .description == "CrossEntropy(classWeights: [1, 2], labelSmoothing: 0.1)")
        #expect(
            try sum(#"[{"semantic.soft-targets": {"scale_by_temperature": false}}]"#).description
                == "0.3 * SoftTargets(temperature: 2, scaleByTemperature: false)")
    }

    @Test(arguments: [
        (
            #"["task.cross-entropy", {"relation.dense": {"wihtin": 1}}]"#,
            "objectives[1].relation.dense.wihtin: there is no such setting here; those there are: "
                + "weight, start, ramp, fade, within, across."
        ),
        (
            #"[{"semantic.soft-targets": {"temperature": -2}}]"#,
            "objectives[0].semantic.soft-targets.temperature: -2 is impossible: it must be above 0."
        ),
        (
            #"[{"semantic.soft-targets": {"temperature": "warm"}}]"#,
            "objectives[0].semantic.soft-targets.temperature: expected a number, found the text "
                + "'warm'."
        ),
        (
            #"[{"semantic.soft-targets": {"weight": -1}}]"#,
            "objectives[0].semantic.soft-targets.weight: -1 is impossible: it must not be negative."
        ),
        (
            #"[{"relation.cross-sample": {"anchors": 1.5}}]"#,
            "objectives[0].relation.cross-sample.anchors: 1.5 is impossible: it must be a whole "
                + "number from 1 up."
        ),
        (
            #"[{"relation.cross-sample": {"preset": "mine"}}]"#,
            "objectives[0].relation.cross-sample.preset: expected srkd-paper, found the text 'mine'."
        ),
        (
            #"[{"task.cross-entropy": {"class_weights": [1, -1]}}]"#,
            "objectives[0].task.cross-entropy.class_weights[1]: expected a number from 0 up, found "
                + "-1."
        ),
        (
            #"[{"task.cross-entropy": {"label_smoothing": 1}}]"#,
            "objectives[0].task.cross-entropy.label_smoothing: 1 is impossible: it must be from 0 "
                + "to below 1."
        ),
        (
            #"[{"relation.dense": {"within": 0, "across": 0}}]"#,
            "objectives[0].relation.dense: within and across are both 0: remove the objective "
                + "instead."
        ),
        (
            #"[{"a": 1, "b": 2}]"#,
            "objectives[0]: expected one objective (its name, or its name with settings), found a "
                + "table."
        ),
        (
            #"[]"#,
            "objectives: the list is empty, so there is nothing to learn: name at least "
                + "task.cross-entropy."
        ),
    ])
    func aMistakeIsNamedByItsPath(json: String, sentence: String) throws {
        let error = #expect(throws: ObjectiveError.self) { try sum(json) }
        #expect(error?.description == sentence)
    }

    @Test func anUnknownNameIsAnsweredWithThoseThereAre() throws {
        let error = #expect(throws: ObjectiveError.self) { try sum(#"["relation.thick"]"#) }
        let names = ObjectiveCatalogue.entries.map(\.name).joined(separator: ", ")
        #expect(
            error?.description
                == "objectives[0]: there is no objective 'relation.thick'; those there are: \(names)."
        )
    }

    @Test func settingsSurviveARoundTrip() throws {
        let json = #"["task.lovasz", {"relation.dense": {"weight": 0.5, "within": 2}}]"#
        let settings = try JSONDecoder().decode(ObjectiveSettings.self, from: Data(json.utf8))
        let back = try JSONDecoder().decode(
            ObjectiveSettings.self, from: JSONEncoder().encode(settings))
        #expect(back == settings)
    }

    @Test func theCatalogueIsComplete() {
        let names = ObjectiveCatalogue.entries.map(\.name)
        #expect(Set(names).count == names.count)
        for entry in ObjectiveCatalogue.entries {
            #expect(!entry.formula.isEmpty && !entry.source.isEmpty)
            #expect(Set(entry.settings.map(\.key)).count == entry.settings.count)
        }
        #expect(ObjectiveCatalogue["semantic.soft-targets"]?.weight == 0.3)
    }
}
