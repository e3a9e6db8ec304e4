import Foundation
import FoundationXML
import Reporting
import Testing

/// The page of a study's report.
@Suite struct StudyReportTests {
    private func difference(_ name: String, _ mean: Double, _ half: Double?)
        -> StudyReport.Difference
    {
        .init(name: name, differences: [mean - 0.5, mean + 0.5], mean: mean, halfWidth: half)
    }

    private var report: StudyReport {
        let classes = ["car & van": 0.5, "road": 0.9]
        var better = StudyReport.Arm(
            name: "<kl>", meanIoU: [0.51, 0.53], classes: classes, parameters: 100_000)
        better.against = "alone"
        better.gains = (
            difference("<kl>", 2.3, 0.8), difference("<kl>", -1.1, 0.4), difference("<kl>", 0.2, 3)
        )
        better.classGains = [difference("car & van", 4, nil), difference("road", -0.7, 0.1)]
        better.gapClosed = 0.25
        better.recipe = "seed: 1 # ]]> & <b>"
        var other = better
        other.name = "dense"
        other.against = "<kl>"
        return StudyReport(
            title: "few & labels", seeds: [1, 2], baseline: "alone",
            teacher: .init(
                name: "teacher", meanIoU: [0.7], classes: classes, parameters: 1_000_000),
            arms: [
                .init(name: "alone", meanIoU: [0.5, 0.49], classes: classes, parameters: 100_000),
                better, other,
            ])
    }

    @Test func pageIsWellFormedAndSelfContained() {
        let page = report.html
        let parser = XMLParser(data: Data(page.utf8))
        #expect(
            parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
        let bare = page.replacing("http://www.w3.org/", with: "")
        #expect(!bare.contains("http:") && !bare.contains("https:"))
        #expect(page.contains("default-src 'none'"))
    }

    @Test func reportContainsFiguresAndSections() {
        let page = report.html
        for text in [
            "few &amp; labels", "&lt;kl&gt;", "dense − &lt;kl&gt;", "+2.3 ± 0.8", "−1.1 ± 0.4",
            "25 %", "10.0×", "car &amp; van: +4.0", "road: −0.7 ± 0.1", "baseline", "seed 2",
            "49.5",
            "]]&gt; &amp; &lt;b&gt;",
        ] { #expect(page.contains(text), "\(text)") }
        // Significant gains are green, significant losses red, others grey.
        for (words, colour) in [("+2.3 ± 0.8", 2), ("−1.1 ± 0.4", 7), ("+0.2 ± 3.0", 4)] {
            let circle = page.components(separatedBy: "<circle ").first {
                $0.contains("&lt;kl&gt;: \(words)</title>")
            }
            #expect(circle?.contains("fill c\(colour)\"") == true, "\(words)")
        }
    }
}
