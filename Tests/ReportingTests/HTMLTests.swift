import Reporting
import Testing

@Suite struct HTMLTests {
    @Test func textsAreEscapedAndMarkupIsNot() {
        let name = "a < b & \"c\""
        let cell: HTML = "<td title=\"\(name)\">\(name)</td>"
        let row: HTML = "<tr>\(cell)\([cell, cell])</tr>"
        #expect(
            cell.text
                == "<td title=\"a &lt; b &amp; &quot;c&quot;\">a &lt; b &amp; &quot;c&quot;</td>")
        #expect(row.text == "<tr>\(cell.text)\(cell.text)\n\(cell.text)</tr>")
        let odd: HTML = "<p>\("a\u{0}b\u{FFFF}")</p>"
        #expect(odd.text == "<p>a b </p>")
    }

    @Test(
        arguments: [
            (1.0, "1"), (-2.5, "-2.5"), (3.14159, "3.14"), (0.05, "0.05"), (-0.001, "0"),
            (1e20, "0"), (.nan, "0"), (.infinity, "0"),
        ] as [(Double, String)])
    func coordinatesAreShort(place: Double, text: String) {
        let markup: HTML = "\(place)"
        #expect(markup.text == text)
    }
}
