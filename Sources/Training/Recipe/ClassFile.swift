package import Datasets
import Foundation
import Settings
import Yams

/// Class lists in separate YAML files, beside the recipe that names them.
extension DataSettings {
    /// The settings with the list itself if they name a file.
    ///
    /// - Parameter file: the recipe; the name is a path from its folder.
    /// - Throws: ``RecipeError`` if there is neither a list of that name nor such a file.
    package func readingClasses(beside file: String) throws -> DataSettings {
        // Built-in lists take precedence, so a file cannot change what a known name means.
        guard case .named(let name)? = classes, ClassLists.named(name) == nil else { return self }
        let folder = TextFile.folder(of: file)
        let path = name.hasPrefix("/") ? name : folder + "/" + name
        guard FileManager.default.fileExists(atPath: path) else {
            throw RecipeError(
                "\(file): there is neither a class list '\(name)' (there are "
                    + "\(ClassLists.all.map(\.name).joined(separator: ", "))) nor a file \(path).")
        }
        let text = try TextFile.read(path, "class list")
        var settings = self
        settings.classes = .listed(try Self.classList(yaml: text, file: path))
        return settings
    }

    /// The list of a YAML text, at its root or under `classes`.
    private static func classList(yaml: String, file: String) throws -> ClassList {
        let root = try SettingsNode(yaml: yaml, file: file)
        return try ClassList.$subject.withValue("the list of classes") {
            guard root.node.sequence == nil else { return try root.decode(ClassList.self) }
            let top = try root.mapping()
            let list = try top.required("classes").decode(ClassList.self)
            try top.finish()
            return list
        }
    }

    /// The class list as a node of a recipe.
    var classNode: Node? {
        get throws {
            guard case .listed(let list)? = classes else { return nil }
            return try compose(yaml: YAMLEncoder().encode(list))
        }
    }
}
