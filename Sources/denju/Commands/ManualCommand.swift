import ArgumentParser
import Cluster
import Foundation
import Reporting

struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Writes manual pages and completions for bash, zsh and fish.",
        discussion: """
            Examples:
              denju manual ~/.local/share             # for one user
              sudo denju manual /usr/local/share      # for all users of the machine

            Files are written to man/man1, bash-completion/completions, zsh/site-functions and \
            fish/vendor_completions.d below the folder, where man and the shells search. They are \
            generated from the program's own definitions of its commands.
            """)

    @Argument(help: "The folder below which man and the shells search.", completion: .directory)
    var folder: String

    func run() throws {
        try reporting {
            let date = Date().formatted(.iso8601.year().month().day())
            let pages = try CommandDescription(of: Denju.self).family.map {
                ManualPage(command: $0, version: Version.current, date: date)
            }
            for page in pages { try write(page.text, "man/man1/\(page.file)") }
            let shells: [(CompletionShell, String)] = [
                (.bash, "bash-completion/completions/denju"), (.zsh, "zsh/site-functions/_denju"),
                (.fish, "fish/vendor_completions.d/denju.fish"),
            ]
            for (shell, path) in shells {
                try write(Denju.completionScript(for: shell) + "\n", path)
            }
            printSummary(
                "\(folder): \(pages.count) pages, the first is `man denju`; completions for bash, zsh, fish"
            )
        }
    }

    private func write(_ text: String, _ path: String) throws {
        let file = URL(fileURLWithPath: folder).appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        // Atomic: shells read completions at any time.
        try Data(text.utf8).write(to: file, options: .atomic)
    }
}
