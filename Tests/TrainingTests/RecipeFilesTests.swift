import Datasets
import FoundationEssentials
import Testing
import Training

/// The recipes and studies that come with the project say what can be meant.
@Suite struct RecipeFilesTests {
    private static let project =
        "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    private static func files(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: project + "/" + folder)
            .filter { $0.hasSuffix(".yaml") }.map { folder + "/" + $0 }.sorted()
    }

    private static func text(_ file: String) throws -> String {
        try String(contentsOfFile: project + "/" + file, encoding: .utf8)
    }

    @Test func quickstartRecipesAgree() throws {
        let files = try Self.files(in: "cluster/recipes")
        #expect(files.count == 9)
        for data in Set(files.map { $0.split(separator: "/")[2] }) {
            let recipes = try ["teacher", "distilled", "alone"].map { name in
                let file = "cluster/recipes/\(data)/\(name).yaml"
                return try Recipe(yaml: Self.text(file), file: file)
            }
            #expect(recipes.map { $0.teacher != nil } == [false, true, false])
            // What is compared differs in the teacher and in the labels alone.
            #expect(Set(recipes.map(\.grid)).count == 1)
            #expect(Set(recipes.map { $0.data.source }).count == 1)
            #expect(recipes[1].steps == recipes[2].steps && recipes[1].batch == recipes[2].batch)
            #expect(recipes[1].optimiser == recipes[2].optimiser)
            #expect(recipes[1].data.labelled?.choice == recipes[2].data.labelled?.choice)
        }
    }

    @Test func everyArmOfEveryStudyIsAValidRecipe() throws {
        let files = try Self.files(in: "Tests/Studies")
        #expect(files.count == 8)
        for file in files {
            let study = try Study(yaml: Self.text(file), file: file)
            #expect(study.arms.count > 1 && study.seeds.count > 2)
            for arm in study.arms {
                let recipe = try study.recipe(of: arm, seed: 1, teacher: "teacher")
                #expect(throws: Never.self, "\(file), \(arm.name)") {
                    try Recipe(yaml: recipe, file: file)
                }
            }
        }
    }
}
