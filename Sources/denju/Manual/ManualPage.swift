import Foundation

/// A command's manual page, in the macros of man(7).
struct ManualPage {
    let command: CommandDescription
    let version: String
    /// Year, month and day.
    let date: String
    /// What stands before paths of the home folder in defaults.
    var home = NSHomeDirectory()

    /// `denju-data-check`.
    var name: String { command.words.joined(separator: "-") }

    /// The page's file.
    var file: String { name + ".1" }

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

    private static let statuses = [
        ".TP", ".B 0", "It is done.",
        ".TP", ".B 1", "What should be the same differs, of commands that compare.",
        ".TP", ".B 2", "A mistake, which the last line on standard error says, or it cannot go on.",
        ".TP", ".B 75", "It was asked to stop before it was done; the same command goes on.",
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

    /// Names in bold, what is to be given in italics.
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

    /// Paragraphs are filled anew, lines set in by two spaces or more stay as they are.
    private func described(_ text: String) -> [String] {
        var lines: [String] = []
        var isExample = false
        var begins = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.allSatisfy(\.isWhitespace) {
                begins = true
                continue
            }
            let indented = line.hasPrefix("  ")
            if isExample, !indented { lines += [".fi", ".RE"] }
            if !isExample, indented { lines += [".PP", ".RS 2", ".nf"] }
            // Before an example a paragraph of its own begins anyhow.
            if begins, !indented, !lines.isEmpty { lines.append(".PP") }
            (isExample, begins) = (indented, false)
            lines.append(indented ? String(line.dropFirst(2)).roff.guarded : String(line).line)
        }
        if isExample { lines += [".fi", ".RE"] }
        return lines
    }
}

extension String {
    /// As roff prints it literally: its own signs escaped, hyphens such as can be typed.
    fileprivate var roff: String {
        replacing("\\", with: "\\e").replacing("-", with: "\\-").replacing("'", with: "\\(aq")
            .replacing("`", with: "\\(ga").replacing("~", with: "\\(ti")
            .replacing("^", with: "\\(ha").replacing("\"", with: "\\(dq")
    }

    /// A line that might be taken for a request begins with nothing.
    fileprivate var guarded: String { hasPrefix(".") ? "\\&" + self : self }

    /// A line of text; what stands between backquotes is bold.
    fileprivate var line: String {
        let parts = split(separator: "`", omittingEmptySubsequences: false)
        guard parts.count % 2 == 1 else { return roff.guarded }
        return parts.enumerated().map { place, part in
            place % 2 == 1 ? "\\fB\(String(part).roff)\\fR" : String(part).roff
        }.joined().guarded
    }

    /// Without the stop at its end.
    fileprivate var trimmingEnd: String { hasSuffix(".") ? String(dropLast()) : self }
}
