import Foundation
import Testing

/// Runs the commands of README.md, in its order and in one folder, with recipes made small.
@Suite struct ReadmeTests {
    /// A fenced block of README.md.
    private struct Block {
        let language: String
        let text: String
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func readme() throws -> String {
        try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    }

    private static func blocks(of text: String) -> [Block] {
        let parts = text.components(separatedBy: "\n```")
        // Every second part is between an opening and a closing fence.
        return stride(from: 1, to: parts.count, by: 2).map { place in
            let lines = parts[place].split(separator: "\n", omittingEmptySubsequences: false)
            return Block(
                language: String(lines[0]), text: lines.dropFirst().joined(separator: "\n"))
        }
    }

    /// Substitutions that make a run of minutes one of seconds; each must occur.
    private static let smaller = [
        ("steps: 400", "steps: 2"), ("steps: 350", "steps: 2"),
        ("training: 300, validation: 16, test: 32}", "training: 6, validation: 2, test: 2}"),
        ("source: streets", "options: {beams: 8, azimuth-steps: 120}, source: streets"),
        ("points: 5000", "points: 400"), ("count: 8}", "count: 1}"),
        ("every: 50", "every: 1"),
    ]

    @Test("every command of the README does what the README says")
    func commandsOfTheReadmeRun() throws {
        let folder = try Folder()
        let blocks = Self.blocks(of: try Self.readme())
        var unused = Set(Self.smaller.map(\.0))
        for block in blocks where block.language == "yaml" {
            let name = block.text.split(separator: "\n")[0].dropFirst(2)
            var recipe = block.text
            for (large, small) in Self.smaller where recipe.contains(large) {
                unused.remove(large)
                // A mapping over several lines takes another line, one in braces another entry.
                let small =
                    recipe.contains("  source: streets\n")
                    ? small.replacingOccurrences(of: "}, source", with: "}\n  source") : small
                recipe = recipe.replacingOccurrences(of: large, with: small)
            }
            try folder.write(recipe + "\n", to: String(name))
        }
        #expect(unused.isEmpty, "README.md does not contain \(unused)")

        let scripts = blocks.filter { $0.language == "sh" }
        #expect(scripts.count >= 5)
        // The port of the README may be in use on this machine.
        let port = 20_000 + Int(ProcessInfo.processInfo.processIdentifier) % 20_000
        for script in scripts {
            let text = script.text.replacingOccurrences(of: ":5555", with: ":\(port)")
            let outcome = try Denju.script(text, in: folder)
            #expect(outcome.status == 0, "\(script.text): \(outcome.errors)")
        }
        #expect(folder.has("report.html"))
        #expect(try !folder.names(in: "labels").isEmpty)
        #expect(try !folder.names(in: "scans").isEmpty)
        // One machine and a cluster with keys train the same bits.
        let digests = try ["runs/student", "runs/cluster"].map {
            try Denju.run(["verify", "--digest", $0], in: folder).output
        }
        #expect(digests[0] == digests[1])
    }

    @Test("the README is short, and every file it links to exists")
    func readmeIsShortAndItsLinksExist() throws {
        let text = try Self.readme()
        #expect(text.utf8.count <= 12 * 1024)
        let links = text.matches(of: #/\]\((?!http)([^)#]+)\)/#).map { String($0.output.1) }
        #expect(links.count >= 10)
        for link in links {
            let path = Self.root.appending(path: link).path
            #expect(FileManager.default.fileExists(atPath: path), "\(link) does not exist")
        }
        for command in ["cluster/quickstart", "cluster/test"] {
            #expect(text.contains("    \(command) "))
            let path = Self.root.appending(path: command).path
            #expect(FileManager.default.isExecutableFile(atPath: path))
        }
    }
}
