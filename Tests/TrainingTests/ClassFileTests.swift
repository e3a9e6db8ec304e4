import Datasets
import Foundation
import Testing
import Training

@Suite struct ClassFileTests {
    private static func recipe(classes: String) -> String {
        RecipeTests.minimal.replacingOccurrences(
            of: "data: {source: streets}",
            with: "data: {source: las, path: /tiles, classes: \(classes)}")
    }

    private let folder: String

    init() throws {
        folder = NSTemporaryDirectory() + "denju-classes-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true)
    }

    private func write(_ text: String) throws {
        try text.write(toFile: folder + "/classes.yaml", atomically: true, encoding: .utf8)
    }

    @Test(arguments: ["", "classes:\n"])
    func classFileIsReadBesideTheRecipe(top: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(
            top + "- ground: 2\n- tree: {from: [3, 4, 5], colour: [1, 2, 3]}\n- ignored: rest\n")
        let recipe = try Recipe(
            yaml: Self.recipe(classes: "classes.yaml"), file: folder + "/recipe.yaml")
        let list = ClassList(
            [
                .init("ground", from: [2]),
                .init("tree", from: [3, 4, 5], colour: .init(1, 2, 3)),
            ], ignoresRest: true)
        #expect(recipe.data.classes == .listed(list))
        // Workers have no such file: what they get says it all.
        let resolved = try Recipe(yaml: recipe.resolved(classes: 2, inputs: 3))
        #expect(resolved.data == recipe.data)
    }

    @Test func mistakesAreNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func sentence(_ classes: String) -> String {
            do {
                _ = try Recipe(
                    yaml: Self.recipe(classes: classes), file: folder + "/recipe.yaml")
                return "nothing was thrown"
            } catch { return "\(error)" }
        }
        #expect(sentence("asprs") == "nothing was thrown")
        #expect(sentence("classes.yaml").hasSuffix("nor a file \(folder)/classes.yaml."))
        try write("- ground: 2\n- tree: 2\n")
        #expect(sentence("classes.yaml").contains("gives the number 2 to 'ground' and to 'tree'"))
        #expect(sentence("classes.yaml").contains(folder + "/classes.yaml"))
        // The file has no key of that name.
        #expect(!sentence("classes.yaml").contains("data.classes"))
        try write("clases:\n- ground: 2\n")
        #expect(sentence("classes.yaml").contains("needs 'classes'"))
    }
}
