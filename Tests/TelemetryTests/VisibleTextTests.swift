import Telemetry
import Testing

@Suite struct VisibleTextTests {
    @Test(
        "control characters and marks of direction are shown as escapes",
        arguments: [
            ("plain ü 点 😀👨‍👩‍👧 é", "plain ü 点 😀👨‍👩‍👧 é"),
            ("a\u{1B}[2Jb", "a\\u001b[2Jb"), ("a\u{9B}31mb", "a\\u009b31mb"),
            ("a\rb", "a\\u000db"), ("a\u{7F}\u{8}b", "a\\u007f\\u0008b"),
            ("a\u{0}b", "a\\u0000b"), ("tab\tstays", "tab\tstays"),
            ("scan\u{202E}ylp.bin", "scan\\u202eylp.bin"),
            ("\u{2066}a\u{2069}\u{200F}\u{61C}", "\\u2066a\\u2069\\u200f\\u061c"),
            ("a\u{2028}b\u{2029}c", "a\\u2028b\\u2029c"),
            ("e\u{301}\u{1B}\u{301}", "e\u{301}\\u001b\u{301}"),
        ])
    func controlCharactersAreEscapes(_ text: String, _ shown: String) {
        #expect(text.visible() == shown)
        #expect(text.visible(keepingLines: true) == shown)
    }

    @Test("a line feed cannot forge a message, but divides a text of lines")
    func lineFeedCannotForgeMessage() {
        #expect("a\ndenju: b".visible() == "a\\ndenju: b")
        #expect("a\r\nb".visible() == "a\\u000d\\nb")
        #expect("a\nb".visible(keepingLines: true) == "a\nb")
    }

    @Test("tables and progress show names with escapes")
    func tablesAndProgressShowNamesWithEscapes() {
        var table = TextTable(["na\u{1B}me", "n"])
        table.add(["a\nb\u{1B}[2J", "1"])
        #expect(table.description.contains("na\\u001bme"))
        #expect(table.description.contains("a\\nb\\u001b[2J"))
        #expect(table.description.split(separator: "\n").count == 3)
        var written = ""
        var bar = ProgressBar(
            "t", total: 10, unit: "steps", surface: .lines, at: .zero
        ) { written += $0 }
        bar.say("worker \u{1B}]0;x\u{7} joins\nforged", at: .zero)
        bar.update(10, note: "w\u{1B}[1A", at: .seconds(3))
        bar.finish(at: .seconds(4))
        #expect(!written.contains("\u{1B}") && !written.contains("\u{7}"))
        #expect(written.contains("joins\\nforged\n"))
    }
}
