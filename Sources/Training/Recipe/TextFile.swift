import Foundation
import Settings

/// A text that a user names on the command line or in a recipe: a file, a pipe, or standard input.
package enum TextFile {
    // Recipes have a few kilobytes; a pipe without end must not fill the memory.
    private static let largest = 16 << 20

    /// Reads a text; `-` stands for standard input.
    ///
    /// - Parameter what: the kind of text in messages, such as "recipe".
    package static func read(_ path: String, _ what: String) throws -> String {
        // The dot follows a link to a folder, and exists in nothing else.
        guard !FileManager.default.fileExists(atPath: path + "/.") else {
            throw RecipeError("The \(what) \(path) is a folder: give a YAML file.")
        }
        guard let handle = path == "-" ? .standardInput : FileHandle(forReadingAtPath: path) else {
            let exists = FileManager.default.fileExists(atPath: path)
            throw RecipeError(
                exists
                    ? "The \(what) \(path) may not be read: change its permissions."
                    : "There is no \(what) \(path): give the path of a YAML file.")
        }
        // Read to its end instead of to its size, which a pipe does not have.
        var data = Data()
        while let part = try? handle.read(upToCount: 1 << 16), !part.isEmpty {
            data += part
            guard data.count <= largest else {
                throw RecipeError(
                    "The \(what) \(path) has more than \(largest) bytes: give a YAML file.")
            }
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw RecipeError("The \(what) \(path) is not UTF-8 text: give a YAML file.")
        }
        guard text.contains(where: { !$0.isWhitespace }) else {
            throw RecipeError("The \(what) \(path) is empty: give a YAML file.")
        }
        return text
    }

    /// The folder in which a text's own file names are found.
    package static func folder(of path: String) -> String {
        // The descriptor of a pipe lies in a folder of the system, which holds no files of users.
        guard !path.hasPrefix("/dev/"), !path.hasPrefix("/proc/") else { return "." }
        return URL(fileURLWithPath: path).deletingLastPathComponent().path
    }
}
