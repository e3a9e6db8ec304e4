import Foundation
import Testing

/// The documentation's pages that follow data call by call name types and functions that exist, and
/// the table of attacks names tests that exist.
@Suite struct DocumentedCallsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// A call as a page writes it: `Type/function(label:)`.
    private struct Call: Hashable {
        let type: String
        let function: String
    }

    /// The rows of a page's tables.
    private static func rows(of page: String) throws -> [String] {
        let path = root.appending(path: "Sources/Cluster/Cluster.docc/\(page).md")
        return try String(contentsOf: path, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| ") }.map(String.init)
    }

    private static func calls(on page: String) throws -> [Call] {
        try rows(of: page).flatMap { row in
            row.matches(of: /`(\w+)\/(\w+\([\w:]*\))`/).map {
                Call(type: String($0.1), function: String($0.2))
            }
        }
    }

    /// The files below a folder, as lines.
    private static func files(below folder: String) throws -> [[Substring]] {
        let folder = root.appending(path: folder)
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") }.map { name in
                try String(contentsOf: folder.appending(path: name), encoding: .utf8)
                    .split(separator: "\n")
            }
    }

    /// The functions and initialisers of each top-level type, its extensions included.
    private static func declarations() throws -> Set<Call> {
        var found: Set<Call> = []
        for lines in try files(below: "Sources") {
            var type: String?
            var body = ""
            for line in lines {
                if let known = type {
                    body += line + "\n"
                    guard line == "}" else { continue }
                    for function in functions(in: body) {
                        found.insert(Call(type: known, function: function))
                    }
                    (type, body) = (nil, "")
                } else if let match = line.firstMatch(
                    of:
                        /^(?:@\w+ )*(?:(?:package|public|final|private) )*(?:struct|class|enum|protocol|extension) (\w+)/
                ),
                    line.hasSuffix("{")
                {
                    type = String(match.1)
                }
            }
        }
        return found
    }

    /// The functions declared in a text, each as its name with its labels.
    private static func functions(in text: String) -> [String] {
        text.matches(of: /(?:func (\w+)|(init)\??)(?:<[^(]*>)?\(/).map { match in
            var depth = 1
            var labels = ""
            var parameter = ""
            for character in text[match.range.upperBound...] {
                if "([<{".contains(character) { depth += 1 }
                if ")]>}".contains(character), !parameter.hasSuffix("-") { depth -= 1 }
                if depth == 0 || depth == 1 && character == "," {
                    if let label = parameter.firstMatch(of: /\w+/) { labels += label.0 + ":" }
                    parameter = ""
                    if depth == 0 { break }
                } else {
                    parameter.append(character)
                }
            }
            return "\(match.1 ?? match.2 ?? "")(\(labels))"
        }
    }

    @Test(
        "a page names at most so many calls, all of which exist, and each type once",
        arguments: [("FromFileToGradient", 20), ("FromGradientToWeights", 24)])
    func namedCallsExist(page: String, limit: Int) throws {
        let calls = try Self.calls(on: page)
        #expect(calls.count == (try Self.rows(of: page).count { $0.contains(/^\| \d/) }))
        #expect((10...limit).contains(calls.count), "\(calls.count) calls")
        #expect(Set(calls.map(\.type)).count == calls.count, "a type appears twice")
        let declarations = try Self.declarations()
        for call in calls {
            #expect(declarations.contains(call), "\(call.type)/\(call.function) does not exist")
        }
    }

    @Test("every test in the table of attacks exists")
    func namedTestsExist() throws {
        let text = try Self.files(below: "Tests").map { $0.joined(separator: "\n") }
            .joined(separator: "\n")
        let names = try Self.rows(of: "Security").flatMap { row in
            row.matches(of: /`(?:(\w+Tests)(?:\.(\w+))?|([a-z]\w+[A-Z]\w+))`/)
                .flatMap { [$0.1, $0.2, $0.3].compactMap { $0 } }
        }
        #expect(names.count > 30)
        for name in Set(names) {
            #expect(
                text.contains("struct \(name) ") || text.contains("func \(name)("),
                "\(name) does not exist")
        }
    }
}
