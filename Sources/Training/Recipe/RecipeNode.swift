import Yams

/// A place in a recipe file: its YAML, where it stands, and the path of keys that leads to it.
///
/// Reads values with their bounds and refuses what it cannot use with line and reason. Every key
/// must be asked for before ``RecipeMapping/finish()``, which refuses the others.
struct RecipeNode {
    let node: Node
    let path: String
    let file: String

    init(_ node: Node, path: String, file: String) {
        self.node = node
        self.path = path
        self.file = file
    }

    /// The recipe of a YAML text; an empty text is an empty mapping.
    init(yaml: String, file: String) throws {
        do {
            self.init(try compose(yaml: yaml) ?? Node([:]), path: "", file: file)
        } catch let error as YamlError {
            throw Self.refusal(of: yaml, file: file, error)
        }
    }

    /// Why a text is no YAML, and in which line.
    private static func refusal(of yaml: String, file: String, _ error: YamlError) -> RecipeError {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { " \($0.text) in line \($0.mark.line)" } ?? ""
            return RecipeError(
                file: file, line: mark.line, "this is not YAML: the reader \(problem)\(place).")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = duplicates.min() ?? ""
            let beginning = String(repeating: " ", count: max(0, context.mark.column - 1)) + key
            let lines = yaml.split(separator: "\n", omittingEmptySubsequences: false)
            let again = lines.indices.dropFirst(context.mark.line - 1)
                .filter { lines[$0].hasPrefix(beginning + ":") }.dropFirst().first
            return RecipeError(
                file: file, line: again.map { $0 + 1 } ?? context.mark.line,
                "'\(key)' stands twice: remove one.")
        default:
            return RecipeError("\(file) is not YAML: \(error)".replacing("\n", with: " "))
        }
    }

    func error(_ reason: String) -> RecipeError {
        RecipeError(file: file, line: node.mark?.line, reason)
    }

    var name: String { path.isEmpty ? "the recipe" : path }

    func child(_ node: Node, _ key: String) -> RecipeNode {
        RecipeNode(node, path: path.isEmpty ? key : path + "." + key, file: file)
    }

    func mapping() throws -> RecipeMapping { try RecipeMapping(self) }

    func list() throws -> [RecipeNode] {
        guard let sequence = node.sequence else { throw error("\(name) must be a list.") }
        return sequence.enumerated().map { child($1, "\($0)") }
    }

    func string() throws -> String {
        guard let scalar = node.scalar else { throw error("\(name) must be text.") }
        return scalar.string
    }

    func integer(in range: ClosedRange<Int>) throws -> Int {
        guard let value = node.int, node.scalar != nil else {
            throw error("\(name) must be a whole number.")
        }
        guard range.contains(value) else {
            throw error("\(name) is \(value): give a whole number \(words(range)).")
        }
        return value
    }

    func number(in range: ClosedRange<Double>) throws -> Double {
        guard let value = node.float ?? node.int.map(Double.init), node.scalar != nil else {
            throw error("\(name) must be a number.")
        }
        guard range.contains(value) else {
            throw error("\(name) is \(value): give a number \(words(range)).")
        }
        return value
    }

    func bool() throws -> Bool {
        guard let value = node.bool else { throw error("\(name) must be true or false.") }
        return value
    }

    /// Decodes a section another room defines.
    ///
    /// What it refuses is reported at the line it stands.
    func decode<Section: Decodable>(_ type: Section.Type) throws -> Section {
        do {
            return try YAMLDecoder().decode(type, from: node)
        } catch let error as DecodingError {
            throw RecipeError(file: file, line: line(of: error), "\(name): \(sentence(error))")
        } catch {
            throw self.error("\(error)")
        }
    }

    private func line(of error: DecodingError) -> Int? {
        var here = node
        for key in error.path {
            guard let next = key.intValue.map({ here[$0] }) ?? here[key.stringValue] else { break }
            here = next
        }
        return here.mark?.line ?? node.mark?.line
    }

    private func sentence(_ error: DecodingError) -> String {
        let keys = error.path.map { $0.intValue.map(String.init) ?? $0.stringValue }
        let place = keys.isEmpty ? "" : "'\(keys.joined(separator: "."))': "
        switch error {
        case .keyNotFound(let key, _): return "\(place)'\(key.stringValue)' is missing."
        case .typeMismatch(let type, _), .valueNotFound(let type, _):
            return "\(place)\(words(for: type)) is expected."
        case .dataCorrupted(let context): return place + context.debugDescription
        @unknown default: return "\(place)it cannot be used."
        }
    }
}

extension DecodingError {
    fileprivate var path: [any CodingKey] {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context),
            .keyNotFound(_, let context), .dataCorrupted(let context):
            context.codingPath
        @unknown default: []
        }
    }
}

/// What people call a type of values.
private func words(for type: any Any.Type) -> String {
    switch "\(type)" {
    case "Bool": "true or false"
    case "String": "text"
    case "Float", "Double": "a number"
    case let name where name.contains("Int"): "a whole number"
    case let name where name.contains("Sequence") || name.hasPrefix("Array"): "a list"
    case let name where name.contains("Mapping") || name.hasPrefix("Dictionary"):
        "a mapping of settings"
    default: "another kind of value"
    }
}

private func words<Bound>(_ range: ClosedRange<Bound>) -> String {
    "from \(range.lowerBound) to \(range.upperBound)"
}

/// A mapping of a recipe whose keys are asked for one by one.
struct RecipeMapping {
    let here: RecipeNode
    private let pairs: [(key: Node, value: Node)]
    private var known: [String] = []

    init(_ here: RecipeNode) throws {
        guard let mapping = here.node.mapping else {
            throw here.error("\(here.name) must be a mapping of settings.")
        }
        self.here = here
        pairs = mapping.map { ($0.key, $0.value) }
        var seen: Set<String> = []
        for (key, _) in pairs where !seen.insert(key.string ?? "").inserted {
            throw RecipeError(
                file: here.file, line: key.mark?.line, "'\(key.string ?? "")' stands twice.")
        }
    }

    /// The value of a key, if it is there and not null.
    subscript(_ key: String) -> RecipeNode? {
        mutating get {
            known.append(key)
            guard let value = pairs.first(where: { $0.key.string == key })?.value else {
                return nil
            }
            return value.null == nil || value.scalar?.style != .plain ? here.child(value, key) : nil
        }
    }

    /// The value of a key that must be there.
    mutating func required(_ key: String) throws -> RecipeNode {
        guard let value = self[key] else { throw here.error("\(here.name) needs '\(key)'.") }
        return value
    }

    mutating func integer(_ key: String, default value: Int, in range: ClosedRange<Int>) throws
        -> Int
    {
        try self[key]?.integer(in: range) ?? value
    }

    mutating func number(
        _ key: String, default value: Double, in range: ClosedRange<Double>
    ) throws -> Double {
        try self[key]?.number(in: range) ?? value
    }

    /// Refuses keys that nobody asked for, with the nearest one that exists.
    func finish() throws {
        for (key, _) in pairs {
            let name = key.string ?? "?"
            guard !known.contains(name) else { continue }
            let nearest = known.min { editDistance($0, name) < editDistance($1, name) }
            let hint = nearest.flatMap {
                editDistance($0, name) <= 3 ? ": did you mean '\($0)'?" : nil
            }
            throw RecipeError(
                file: here.file, line: key.mark?.line,
                "\(here.name) has no setting '\(name)'"
                    + (hint ?? "; it has \(known.sorted().joined(separator: ", "))."))
        }
    }
}

/// How many letters must be added, removed or changed to make one word the other.
func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b)
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for j in b.indices {
            let change = diagonal + (letter == b[j] ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(change, row[j] + 1, diagonal + 1)
        }
    }
    return row[b.count]
}
