import Foundation

/// The manual page of a command, in the macros of man(7).
struct ManualPage {
    let command: CommandDescription
    let version: String
    /// The date as year, month and day.
    let date: String
    /// The home folder, which defaults show as `~`.
    // Pages are the same for every user who generates them.
    var home = NSHomeDirectory()

    /// `denju-data-check`.
    var name: String { command.words.joined(separator: "-") }

    /// The page's file name.
    var file: String { name + ".1" }

    /// The page's source.
    var text: String {
        var lines = [
            ".TH \(name.uppercased().roff) 1 \(date) \"Denju \(version.roff)\" \"Denju\"",
            ".SH NAME", "\(name.roff) \\- \((command.abstract ?? "").trimmingEnd.roff)",
        ]
        lines += [".SH SYNOPSIS", synopsis]
        if let discussion = command.discussion {
            lines.append(".SH DESCRIPTION")
            lines += described(discussion)
        }
        let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
        if !arguments.isEmpty {
            lines.append(".SH OPTIONS")
            for argument in arguments {
                lines += [".TP", heading(of: argument), explained(argument)]
            }
        }
        let below = command.shown
        if !below.isEmpty {
            lines.append(".SH COMMANDS")
            for one in below {
                let page = one.words.joined(separator: "-")
                lines += [".TP", ".BR \(page.roff) (1)", (one.abstract ?? "").line]
            }
        }
        lines += [".SH EXIT STATUS"] + Self.statuses
        if let above = command.superCommands {
            lines += [".SH SEE ALSO", ".BR \(above.joined(separator: "-").roff) (1)"]
        }
        return lines.joined(separator: "\n") + "\n"
    }

    // All commands share the statuses, so that launchers and scripts need no table per command.
    private static let statuses = [
        ".TP", ".B 0", "The command is complete.",
        ".TP", ".B 1", "Of commands that compare: the inputs differ.",
        ".TP", ".B 2", "An error, which the last line on standard error describes.",
        ".TP", ".B 75",
        "The command was stopped before it was complete; the same command continues it.",
    ]

    private var synopsis: String {
        var words = ["\\fB\(command.words.joined(separator: " ").roff)\\fR"]
        if !command.shown.isEmpty { words.append("\\fIcommand\\fR") }
        for argument in command.arguments ?? [] where argument.shouldDisplay {
            let shown =
                argument.kind == .positional
                ? "\\fI\((argument.valueName ?? "value").roff)\\fR"
                    + (argument.isRepeating ? " \\&..." : "")
                : heading(of: argument, shortly: true)
            words.append(argument.isOptional ? "[\(shown)]" : shown)
        }
        return words.joined(separator: " ")
    }

    /// The argument's names in bold and its value in italics.
    private func heading(
        of argument: CommandDescription.Argument, shortly: Bool = false
    ) -> String {
        let value = "\\fI\((argument.valueName ?? "value").roff)\\fR"
        guard argument.kind != .positional else { return value }
        var names = (argument.names ?? []).sorted { $0.name.count < $1.name.count }
        if shortly { names = names.suffix(1) }
        let bold = names.map { "\\fB\($0.typed.roff)\\fR" }.joined(separator: ", ")
        return argument.kind == .flag ? bold : "\(bold) \(value)"
    }

    private func explained(_ argument: CommandDescription.Argument) -> String {
        var text = [argument.abstract, argument.discussion].compactMap { $0 }
            .joined(separator: " ")
        var facts: [String] = []
        if let values = argument.allValues, !values.isEmpty {
            facts.append("values: \(values.joined(separator: ", "))")
        }
        if let value = argument.defaultValue {
            let short = value.hasPrefix(home) ? "~" + value.dropFirst(home.count) : value
            facts.append("default: \(short)")
        }
        if !facts.isEmpty { text += " (\(facts.joined(separator: "; ")))" }
        return text.isEmpty ? "\\&" : text.line
    }

    /// Paragraphs are filled; lines indented by two spaces or more are kept as they are.
    private func described(_ text: String) -> [String] {
        var lines: [String] = []
        var isExample = false
        var startsParagraph = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy(\.isWhitespace) {
                startsParagraph = true
                continue
            }
            let indented = line.hasPrefix("  ")
            if isExample, !indented { lines += [".fi", ".RE"] }
            if !isExample, indented { lines += [".PP", ".RS 2", ".nf"] }
            // An example starts a paragraph itself.
            if startsParagraph, !indented, !lines.isEmpty { lines.append(".PP") }
            (isExample, startsParagraph) = (indented, false)
            lines.append(indented ? String(line.dropFirst(2)).roff.guarded : String(line).line)
        }
        if isExample { lines += [".fi", ".RE"] }
        return lines
    }
}

extension String {
    /// The string escaped for roff, with hyphens that can be copied and typed.
    fileprivate var roff: String {
        replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("'", with: "\\(aq")
            .replacing("`", with: "\\(ga").replacing("~", with: "\\(ti")
            .replacing("^", with: "\\(ha").replacing("\"", with: "\\(dq")
    }

    /// The line, protected from being read as a request.
    fileprivate var guarded: String { hasPrefix(".") ? "\\&" + self : self }

    /// A line of text in which text between backquotes is bold.
    fileprivate var line: String {
        let parts = split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count % 2 == 1 else { return roff.guarded }
        return parts.enumerated().map { place, part in
            place % 2 == 1 ? "\\fB\(String(part).roff)\\fR" : String(part).roff
        }.joined().guarded
    }

    /// The string without a final full stop.
    fileprivate var trimmingEnd: String { hasSuffix(".") ? String(dropLast()) : self }
}
