import Telemetry
import Testing

@Suite struct TextTableTests {
    @Test("numbers are right-aligned") func numbersAreRightAligned() {
        var table = TextTable(["class", "points", "IoU"])
        table.add(["road", "1,204,331", "92.41"])
        table.add(["道路標識", "31,200", "–"])
        table.addRule()
        table.add(["mean", "", "86.24"])
        #expect(
            table.description == """
                class        points    IoU
                ──────────────────────────
                road      1,204,331  92.41
                道路標識     31,200      –
                ──────────────────────────
                mean                 86.24

                """)
    }

    @Test("the alignment of a column can be chosen") func alignmentOfColumnCanBeChosen() {
        var table = TextTable([
            TextTable.Column("id", isRightAligned: false),
            TextTable.Column("x", isRightAligned: true),
            "mixed",
        ])
        table.add(["1", "a", "1"])
        table.add(["22", "bb", "two"])
        table.add(["3"])
        #expect(
            table.description == """
                id   x  mixed
                ─────────────
                1    a  1
                22  bb  two
                3

                """)
    }

    @Test("an empty table has only its header") func emptyTableHasOnlyItsHeader() {
        #expect(TextTable(["a", "b"]).description == "a  b\n────\n")
        #expect(TextTable([]).description == "\n\n")
    }
}
