import Datasets
import PointClouds
import Settings
import Testing
import Training

/// The training scans as a recipe wants them.
@Suite struct TrainingDataTests {
    private func recipe(
        _ labelled: String, objectives: String = "task.cross-entropy"
    ) throws -> Recipe {
        let data = "scenes: {training: 12}, options: {beams: 8, azimuth-steps: 64, range: 15}"
        return try Recipe(
            yaml: RecipeTests.minimal.replacing(
                "{source: streets}", with: "{source: streets, \(data)\(labelled)}"
            ).replacing("[task.cross-entropy]", with: "[\(objectives)]")
                + "\nteacher: {model: nowhere}", file: "r.yaml")
    }

    @Test func allScansHaveLabelsByDefault() throws {
        let data = try TrainingData(recipe(""))
        #expect(data.source.count == 12 && data.labelledNames == nil && data.notes == [])
    }

    @Test func unlabelledScansStayIfAnObjectiveUsesThem() throws {
        let alone = try TrainingData(recipe(", labelled: {scans: 2}"))
        #expect(alone.source.count == 2)
        let taught = try TrainingData(
            recipe(
                ", labelled: {scans: 2}", objectives: "task.cross-entropy, semantic.soft-targets"))
        #expect(taught.source.count == 12 && taught.labelledNames == alone.labelledNames)
        let labelled = try (0..<12).filter {
            try taught.source.scene(at: $0).labels.contains { $0 >= 0 }
        }
        #expect(labelled.map(taught.source.name(of:)) == taught.labelledNames)
        let names = try #require(taught.labelledNames).joined(separator: ", ")
        #expect(
            taught.notes.first
                == "labels of 2 of 12 training scans are used, the other 10 take part without "
                + "(a mini-batch has 2 with and 2 without): " + names)
        #expect(alone.notes.first?.contains("the other 10 are left out") == true)
    }

    @Test func recipeOverridesTheModelsFeatures() throws {
        let dropped = try recipe(
            ", labelled: {percent: 25, unlabelled: drop}",
            objectives: "task.cross-entropy, relation.dense")
        #expect(try TrainingData(dropped).source.count == 3)
        let used = try recipe(", labelled: {percent: 25, unlabelled: use}")
        #expect(try TrainingData(used).source.count == 12)
    }

    @Test func miniBatchesHaveTheirShareOfLabels() throws {
        let recipe = try recipe(
            ", labelled: {scans: 3, per-batch: 2}", objectives: "task.lovasz, relation.dense")
        let data = try TrainingData(recipe)
        let labelled = Set(try #require(data.source as? FewLabels).labelledPlaces)
        #expect(labelled.count == 3)
        let order = DataOrder(data.source, data.recipe)
        #expect(order.samples == 12 && order.batch == 4)
        let steps = (0..<9).map { order.samples(at: $0) }
        for step in steps {
            #expect(Set(step[..<2]).isSubset(of: labelled))
            #expect(labelled.isDisjoint(with: step[2...]))
        }
        // Both kinds by turns: 18 draws of three, 18 of nine.
        let counts = steps.joined().reduce(into: [:]) { $0[$1, default: 0] += 1 }
        for place in 0..<12 { #expect(counts[place] == (labelled.contains(place) ? 6 : 2)) }
        #expect(DataOrder(data.source, data.recipe).samples(at: 5) == steps[5])
        // The same in the recipe that workers get.
        let text = try data.recipe.resolved(classes: 17, inputs: 3)
        let again = try TrainingData(Recipe(yaml: text))
        #expect(DataOrder(again.source, again.recipe).samples(at: 7) == steps[7])
    }

    /// Nothing said, few labels are half of every mini-batch, and many come as they come.
    @Test(arguments: [(2, 2), (6, 2), (7, nil), (12, nil)])
    func fewLabelsFillHalfOfAMiniBatch(scans: Int, places: Int?) throws {
        let recipe = try recipe(
            ", labelled: {scans: \(scans), unlabelled: use}",
            objectives: "task.lovasz, relation.dense")
        let data = try TrainingData(recipe)
        let labelled = Set(try #require(data.source as? FewLabels).labelledPlaces)
        let order = DataOrder(data.source, data.recipe)
        let counts = Set((0..<9).map { order.samples(at: $0).count { labelled.contains($0) } })
        #expect(places.map { counts == [$0] } ?? (counts.count > 1 || scans == 12))
    }

    @Test(arguments: [
        ("{scans: 3, per-batch: 4}", "task.lovasz, relation.dense", "a mini-batch has 4 clouds"),
        ("{scans: 3, per-batch: 2}", "task.lovasz", "has no effect if scans without labels"),
        ("{scans: 3, per-batch: 2, unlabelled: drop}", "relation.dense", "has no effect if"),
    ])
    func mixturesThatCannotBe(labelled: String, objectives: String, part: String) throws {
        let recipe = try recipe(", labelled: \(labelled)", objectives: objectives)
        let error = #expect(throws: RecipeError.self) { try TrainingData(recipe) }
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
        #expect(error?.description.hasPrefix("r.yaml: data.labelled.per-batch") == true)
    }

    @Test func choiceByClassesReadsTheDataOnce() throws {
        let recipe = try recipe(", labelled: {scans-per-class: 2, seed: 4}")
        let data = try TrainingData(recipe)
        let names = try #require(data.labelledNames)
        #expect((1..<12).contains(names.count))
        let text = try data.recipe.resolved(classes: 17, inputs: 3)
        let again = try TrainingData(Recipe(yaml: text))
        #expect(again.labelledNames == names)
        #expect(again.recipe.data.labelled?.choice == .names(names))
        #expect(again.recipe.data.labelled?.seed == 4)
        #expect(try again.recipe.resolved(classes: 17, inputs: 3) == text)
    }

    @Test(arguments: [
        ("{percent: 0}", "data.labelled.percent is 0"),
        ("{percent: 101}", "data.labelled.percent is 101"),
        ("{percent: many}", "line 1"),
        ("{scans: 0}", "data.labelled.scans is 0: give 1 or more"),
        ("{scans-per-class: -1}", "data.labelled.scans-per-class is -1"),
        ("{scans: 2, percent: 3}", "data.labelled has percent and scans: give one of"),
        ("{seed: 2}", "data.labelled has no: give one of"),
        ("{names: []}", "data.labelled.names is empty"),
        ("{scans: 2.5}", "'labelled.scans': a whole number is expected"),
        ("2", "'labelled': a mapping of settings is expected"),
        ("{scans: 2, per-batch: 0}", "data.labelled.per-batch is 0"),
        ("{percents: 2}", "no setting 'percents'"),
        ("{scans: 2, unlabelled: keep}", "data.labelled.unlabelled is 'keep': give use or drop"),
    ])
    func mistakesGetOneSentence(labelled: String, part: String) {
        let error = #expect(throws: RecipeError.self) { try recipe(", labelled: \(labelled)") }
        #expect(error?.description.hasPrefix("r.yaml, line 1: ") == true)
        #expect(error?.description.contains(part) == true, "\(error?.description ?? "")")
    }
}
