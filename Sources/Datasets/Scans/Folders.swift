import FoundationEssentials
import ZipArchives

/// The contents of folders, in an order that does not depend on the machine.
enum Folders {
    /// Whether a folder exists at the path; the dot follows a symbolic link to one.
    static func isFolder(_ path: String) -> Bool {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path + "/.")
        return attributes?[.type] as? FileAttributeType == .typeDirectory
    }

    /// Whether a file exists at the path; a folder is none, whatever its name ends in.
    static func isFile(_ path: String) -> Bool { exists(path) && !isFolder(path) }

    /// Whether the path exists.
    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Whether a folder contains a path, in whose parts `*` stands for any text.
    static func contains(_ path: ArraySlice<Substring>, in folder: String) -> Bool {
        guard let part = path.first else { return exists(folder) }
        guard part.contains("*") else {
            return contains(path.dropFirst(), in: folder + "/" + part)
        }
        let texts = part.split(separator: "*", omittingEmptySubsequences: false)
        // A data set that is one has such a path in its first folders.
        let names = (try? names(in: folder))?.filter { SceneList.matches($0, texts) } ?? []
        return names.prefix(64).contains {
            contains(path.dropFirst(), in: folder + "/" + $0)
        }
    }

    /// The names in a folder, without hidden files.
    static func names(in folder: String) throws -> [String] {
        do {
            // The system lists a folder in any order, but scenes are numbered by it.
            return try FileManager.default.contentsOfDirectory(atPath: folder)
                .filter { !$0.hasPrefix(".") }.sorted()
        } catch {
            throw SourceError("The folder \(folder) cannot be listed: check its permissions.")
        }
    }

    /// The names of the files with the suffix, which is removed.
    static func stems(in folder: String, suffix: String) throws -> [String] {
        try names(in: folder).filter { $0.hasSuffix(suffix) }.map {
            String($0.dropLast(suffix.count))
        }
    }
}
