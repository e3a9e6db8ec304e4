import Foundation
import FoundationXML
import Testing

/// The report of a run.
@Suite struct RunReportTests {
    private let fixture: SharedFixture
    private let folder: Folder

    init() throws {
        fixture = try SharedFixture.open()
        folder = try Folder()
    }

    /// The cells of the table's rows, by the first cell.
    private func table(_ page: String) -> [String: [String]] {
        let rows = page.matches(of: /<tr><td>(.*?)<\/tr>/.dotMatchesNewlines()).map { match in
            String(match.output.1).replacing("\n", with: "").replacing("</td>", with: "")
                .components(separatedBy: "<td>")
        }
        return Dictionary(rows.map { ($0[0], Array($0.dropFirst())) }) { $1 }
    }

    @Test func reportAgreesWithEvaluation() throws {
        let run = fixture.folder("run")
        let outcome = try Denju.run(
            ["report", run, "--alone", run, "-o", "report.html"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let page = try folder.text("report.html")
        #expect(XMLParser(data: Data(page.utf8)).parse())
        let bare = page.replacing("http://www.w3.org/", with: "")
        #expect(!bare.contains("http://") && !bare.contains("https://"))

        // The report shows the scores of `denju evaluate`.
        struct Row: Decodable {
            let miou: Double
            let macc: Double
            let allacc: Double
        }
        let rows = table(page)
        for (name, path) in [("student", run), ("teacher", fixture.folder("teacher"))] {
            let json = try Denju.run(["evaluate", path, "--json"], in: folder).output
            let row = try JSONDecoder().decode(Row.self, from: Data(json.utf8))
            let cells = try #require(rows[name])
            let shown = [row.miou, row.macc, row.allacc].map { String(format: "%.1f", 100 * $0) }
            #expect(Array(cells[3..<6]) == shown, "\(name)")
        }
        #expect(rows["student alone"]?[3] == rows["student"]?[3])
        #expect(page.contains(fixture.digest))
        for part in ["DenseRelation", "Within a scan", "Across scans", "scans-data", "Confusion"] {
            #expect(page.contains(part), "\(part)")
        }
        #expect(page.utf8.count < 3_000_000)
    }

    @Test func missingRunIsOneSentence() throws {
        expectOneSentence(try Denju.run(["report", "nowhere"], in: folder), saying: ["nowhere"])
        expectOneSentence(
            try Denju.run(["report", fixture.folder("run"), "--scans", "0"], in: folder),
            saying: ["--scans"])
    }
}
