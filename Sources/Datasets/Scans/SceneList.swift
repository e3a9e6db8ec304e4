import Formats
import FoundationEssentials
import ZipArchives

/// The scenes of a split: files or folders of scans below the data's path.
///
/// A split's scenes are in the folder of its name (`train`, `val`, `test`), unless `data.sequences`
/// names folders, scenes, patterns with `*`, or text and JSON files that list scenes.
struct SceneList: Sendable {
    struct Item: Sendable, Equatable {
        /// The scene's path below the data's folder, without its suffix.
        let name: String
        let path: String
    }

    /// A kind of scenes, with its plural in messages.
    struct Kind: Sendable {
        let plural: String
        let suffixes: [String]
        /// Folders, besides the data's own, in which named scenes are searched.
        var below: [String] = []
        let isScene: @Sendable (_ path: String) -> Bool

        /// Files with one of these suffixes, in upper or lower case.
        static func files(_ suffixes: [String]) -> Kind {
            Kind(plural: suffixes.listed(or: true) + " files", suffixes: suffixes) { path in
                suffixes.contains { path.lowercased().hasSuffix($0) } && Folders.exists(path)
                    && !Folders.isFolder(path)
            }
        }
    }

    let items: [Item]

    /// The usual names of a split's folder.
    static let usualFolders: [Split: [String]] = [
        .training: ["train", "training"], .validation: ["val", "validation", "valid"],
        .test: ["test", "testing"],
    ]

    /// The greatest depth of scenes below a named folder.
    private static let depth = 4

    /// Lists the scenes of a split.
    ///
    /// - Parameters:
    ///   - usual: the folders of a split, if the recipe names none; those that exist are used.
    init(
        _ settings: DataSettings, split: Split, of kind: Kind,
        usual: [String]? = nil
    ) throws {
        if let path = settings.onlyScan {
            guard split == .test else {
                throw SourceError("There is no scan but \(path).", isAbsence: true)
            }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            items = [Item(name: name, path: path)]
            return
        }
        let root = try Self.root(of: settings)
        let folders = usual ?? Self.usualFolders[split] ?? []
        let there = folders.filter { Folders.exists(root + "/" + $0) }
        var kind = kind
        // Published lists of a part of the training scenes name them without their folder. Of several
        // folders, such as S3DIS's areas, more than one can have a scene of that name.
        if there.count == 1 { kind.below += there }
        let finder = Finder(root: root, kind: kind)
        if let entries = settings.sequences[split] {
            // Entries may overlap, such as a folder and a pattern; each scene counts once.
            var seen: Set<String> = []
            items = try entries.flatMap { try finder.scenes(named: $0) }
                .filter { seen.insert($0.path).inserted }
        } else {
            guard !there.isEmpty else {
                let lacking = folders.map { "'\($0)'" }.listed(or: true)
                throw SourceError(
                    "\(root) has \(folders.isEmpty ? "nothing" : "no \(lacking)") for the "
                        + "\(split.rawValue) split: name folders or files of each split under "
                        + "\(settings.place.sequences), as 'denju data split' proposes them.",
                    isAbsence: true)
            }
            items = try there.flatMap { try finder.scenes(named: $0) }
        }
        guard !items.isEmpty else {
            throw SourceError(
                "The \(split.rawValue) split has no \(kind.plural) in \(root): "
                    + (settings.place == .recipe
                        ? "look at data.path and data.sequences."
                        : "name another folder, or its kind with --data."))
        }
    }

    /// Whether a folder contains a scene of a kind.
    static func holds(_ folder: String, _ kind: Kind) -> Bool {
        let finder = Finder(root: folder, kind: kind)
        return (try? finder.scenes(named: "."))?.isEmpty == false
    }

    /// The data's folder; throws if it does not exist.
    static func root(of settings: DataSettings) throws -> String {
        guard let path = settings.path else {
            throw SourceError(
                "The source '\(settings.source)' reads files: "
                    + (settings.place == .recipe
                        ? "set data.path to their folder." : "give their folder with --path."))
        }
        guard Folders.isFolder(path) else {
            throw SourceError(
                "There is no folder \(path): "
                    + (settings.place == .recipe
                        ? "set data.path to where the data lie."
                        : "name the one that holds the data."))
        }
        // The length of the root is cut from paths, so that a final slash would cost a letter.
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private struct Finder {
        let root: String
        let kind: Kind

        /// The scenes that an entry of `data.sequences` selects.
        func scenes(named entry: String) throws -> [Item] {
            if let found = try found(entry) { return found }
            let path = place(entry)
            if entry.hasSuffix(".txt"), Folders.isFile(path) { return try listed(in: path) }
            if entry.hasSuffix(".json"), Folders.isFile(path) { return try listed(inJSON: path) }
            // A name that exists is no pattern: brackets and asterisks occur in names of files.
            if entry.contains("*") { return try matches(of: entry) }
            throw SourceError(
                "data.sequences names '\(entry)', but there is neither a folder nor a scene "
                    + "\(path).")
        }

        private func place(_ entry: String) -> String { entry == "." ? root : root + "/" + entry }

        /// The scene of a name, or those in the folder of a name; nil if there is neither.
        private func found(_ entry: String) throws -> [Item]? {
            for place in [place(entry)] + kind.below.map({ "\(root)/\($0)/\(entry)" }) {
                if kind.isScene(place) { return [item(place)] }
                if Folders.isFolder(place) {
                    return try scenes(below: place, depth: SceneList.depth)
                }
                // Lists of published splits name scenes without the suffixes of their files.
                for suffix in kind.suffixes where kind.isScene(place + suffix) {
                    return [item(place + suffix)]
                }
            }
            return nil
        }

        private func scenes(below folder: String, depth: Int) throws -> [Item] {
            try Folders.names(in: folder).flatMap { name -> [Item] in
                let path = folder + "/" + name
                if kind.isScene(path) { return [item(path)] }
                // Bounded, since a link to a parent folder would otherwise be followed forever.
                guard depth > 0, Folders.isFolder(path) else { return [] }
                return try scenes(below: path, depth: depth - 1)
            }
        }

        private func matches(of pattern: String) throws -> [Item] {
            let all = try scenes(below: root, depth: SceneList.depth)
            let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
            let found = all.filter { item in
                SceneList.matches(item.name, parts)
                    || SceneList.matches(String(item.path.dropFirst(root.count + 1)), parts)
            }
            guard !found.isEmpty else {
                throw SourceError(
                    "data.sequences names '\(pattern)', but none of the \(all.count) "
                        + "\(kind.plural) in \(root) is called so.")
            }
            return found
        }

        /// The scenes in a text file with a name in each line.
        private func listed(in path: String) throws -> [Item] {
            guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw SourceError("The list \(path) cannot be read: it must be UTF-8 text.")
            }
            // Editors put a byte order mark before the first name.
            let lines = text.drop { $0 == "\u{FEFF}" }
                .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            return try lines.enumerated().flatMap { index, line -> [Item] in
                let names = Self.names(in: line)
                // An empty name would be the data's whole folder.
                for name in names where !name.isEmpty {
                    if let items = try found(name) { return items }
                }
                guard let name = names.last, !name.isEmpty else { return [] }
                if name.contains("*") { return try matches(of: name) }
                throw SourceError(
                    "The list \(path) names '\(name)' in line \(index + 1), but there is neither a "
                        + "folder nor a scene \(place(name)): a line is one name, with its spaces.")
            }
        }

        /// The scenes in a JSON file with a list of names.
        private func listed(inJSON path: String) throws -> [Item] {
            guard let data = FileManager.default.contents(atPath: path),
                let names = try? JSONDecoder().decode([String].self, from: data)
            else {
                throw SourceError(
                    "The list \(path) cannot be read: it must be a JSON list of names, such as "
                        + "[\"train/scene0000_00\"].")
            }
            return try names.enumerated().flatMap { index, name -> [Item] in
                // An empty name would be the data's whole folder.
                if !name.isEmpty {
                    if let items = try found(name) { return items }
                    if name.contains("*") { return try matches(of: name) }
                }
                throw SourceError(
                    "The list \(path) has '\(name)' as name \(index + 1), but there is neither a "
                        + "folder nor a scene \(place(name)).")
            }
        }

        /// The names that a line can stand for, those that take more of it first.
        ///
        /// The line itself is a name. Only if there is no such scene are quotes around it and a
        /// comment behind it left out.
        private static func names(in line: Substring) -> [String] {
            let name = trimmed(line)
            var names = [name, unquoted(name)]
            if name.hasPrefix("#") {
                names.append("")
            } else if let comment = name.firstRange(of: " #") ?? name.firstRange(of: "\t#") {
                let before = trimmed(name[..<comment.lowerBound])
                names += [before, unquoted(before)]
            }
            return names
        }

        private static func trimmed(_ text: Substring) -> String {
            var text = text.drop(while: \.isWhitespace)
            while text.last?.isWhitespace == true { text.removeLast() }
            return String(text)
        }

        private static func unquoted(_ name: String) -> String {
            guard name.count > 1, let quote = name.first, ["\"", "'"].contains(quote),
                name.last == quote
            else { return name }
            return String(name.dropFirst().dropLast())
        }

        private func item(_ path: String) -> Item {
            var name = String(path.dropFirst(root.count + 1))
            let suffix = kind.suffixes.first { name.lowercased().hasSuffix($0) }
            name = String(name.dropLast(suffix?.count ?? 0))
            return Item(name: name.isEmpty ? "scene" : name, path: path)
        }
    }

    /// Whether a name consists of the parts with any text between them.
    static func matches(_ name: String, _ parts: [Substring]) -> Bool {
        var rest = Substring(name)
        guard let first = parts.first, let last = parts.last, rest.hasPrefix(first) else {
            return false
        }
        rest = rest.dropFirst(first.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let found = rest.firstRange(of: part) else { return false }
            rest = rest[found.upperBound...]
        }
        return parts.count == 1 ? rest.isEmpty : rest.hasSuffix(last)
    }
}

/// The wanted number of items at equal intervals; all if no number is given.
func evenly<Item>(_ wanted: Int?, of items: [Item], split: Split) throws -> [Item] {
    guard let wanted else { return items }
    guard wanted > 0 && wanted <= items.count else {
        throw SourceError(
            "data.scenes asks for \(wanted) \(split.rawValue) scenes of the \(items.count) there "
                + "are: give a number from 1 to \(items.count), or none to use all.")
    }
    return (0..<wanted).map { items[$0 * items.count / wanted] }
}
