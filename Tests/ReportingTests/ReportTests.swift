import Foundation
import FoundationXML
import Pictures
import Reporting
import Telemetry
import Testing

/// The page of a run's report.
@Suite struct ReportTests {
    private static let classes = ["road", "car & van", "<person>"]

    private var report: RunReport {
        var report = RunReport(
            title: "a <run>", formula: "CrossEntropy() + 0.5 * DenseRelation()",
            recipe: "seed: 1 # ]]> & <b>", classes: Self.classes)
        report.palette = [
            Picture.Colour(255, 0, 0), Picture.Colour(0, 255, 0), Picture.Colour(0, 0, 255),
        ]
        report.facts = [("seed", "1")]
        report.records = (1...3000).map { step in
            StepRecord(
                step: step, weightsVersion: step, time: Double(step), seconds: 0.5,
                loss: step == 1500 ? .nan : 3 / Double(step),
                terms: ["task.cross-entropy": 2 / Double(step), "relation.dense": 1],
                weights: ["task.cross-entropy": 1, "relation.dense": 0.5],
                gradientNorms: ["task.cross-entropy": 1e-3, "relation.dense": 1e-9],
                gradientNorm: 1, learningRates: ["blocks": 1e-4, "others": 1e-3], samples: 4,
                points: 1000,
                phases: [.student: PhaseTimes([(worker: "w", seconds: 0.2)])!],
                memory: ["w": MemoryUse(peakBytes: 1000)])
        }
        report.validations = [
            ValidationRecord(
                step: 3000, time: 1, meanIoU: 0.5, meanAccuracy: 0.6, overallAccuracy: 0.7,
                classes: Self.classes, confusion: Array(repeating: 1, count: 9), isBest: true)
        ]
        report.models = [model(.teacher, 0.473, 3_420_049), model(.student, 0.313, 357_889)]
        let run = [AffinityFigure.Run(label: 0, count: 2), .init(label: 2, count: 1)]
        report.affinities = [
            (
                "Within a scan", "cosines",
                [
                    AffinityFigure(
                        "teacher", rows: run, columns: run, values: Array(repeating: 0.5, count: 9))
                ]
            )
        ]
        report.spectra = [("Features", "of a scan", [("teacher", [3, 2, 1]), ("student", [1])])]
        report.scans = [
            ViewedScan(
                name: "scan <0>", positions: [SIMD3(0, 0, 0), SIMD3(6.5535, 1, -1)],
                labels: [("truth", [0, -1]), ("student", [1, 2])])
        ]
        return report
    }

    private func model(
        _ role: ModelFigures.Role, _ score: Double, _ parameters: Int
    ) -> ModelFigures {
        var confidence = ModelFigures.Confidence(classes: 3)
        for point in 0..<100 {
            confidence.add(
                probability: 0.99, entropy: 0.1, label: point % 3, isRight: point < 80)
        }
        return ModelFigures(
            role: role, name: role.rawValue, parameters: parameters, bytes: 4 * parameters,
            meanIoU: score, meanAccuracy: 0.5, overallAccuracy: 0.6, secondsPerScan: 0.1,
            trainingBytes: nil, iou: [0.9, 0.1, nil], confusion: [9, 1, 0, 0, 5, 5, 0, 0, 0],
            confidence: confidence)
    }

    @Test func pageIsWellFormedAndSelfContained() throws {
        let page = try report.html
        let parser = XMLParser(data: Data(page.utf8))
        #expect(
            parser.parse(), "line \(parser.lineNumber): \(String(describing: parser.parserError))")
        // XML namespaces are not loaded.
        let bare = page.replacing("http://www.w3.org/2000/svg", with: "")
            .replacing("http://www.w3.org/1999/xhtml", with: "")
        #expect(!bare.contains("http:") && !bare.contains("https:") && !bare.contains("//cdn"))
        #expect(bare.firstMatch(of: /(src|href)="(?!data:|#)/) == nil)
        #expect(page.contains("default-src 'none'"))
        #expect(page.contains("name=\"viewport\""))
    }

    @Test func reportContainsFiguresAndSections() throws {
        let page = try report.html
        for text in [
            "a &lt;run&gt;", "CrossEntropy() + 0.5 * DenseRelation()", "357,889", "3,420,049",
            "31.3", "47.3", "9.6×", "car &amp; van", "&lt;person&gt;", "scan \\u003c0>",
            "Within a scan", "Share of confident points", "effective", "]]&gt;",
        ] where text != "effective" {
            #expect(page.contains(text), "\(text)")
        }
        // Every section is present, with a link in the navigation.
        for id in ["results", "scans", "learning", "confusion", "relations", "confidence", "run"] {
            #expect(page.contains("<section id=\"\(id)\">"))
            #expect(page.contains("href=\"#\(id)\""))
        }
    }

    /// Two hours have 12,000 steps at the quickstart's rate and 40,000 with the smallest networks.
    @Test func reportOfLongRunStaysSmall() throws {
        var long = report
        let some = report.records
        long.records = (0..<40_000).map { place in
            var record = some[place % some.count]
            record.step = place + 1
            return record
        }
        let validation = report.validations[0]
        long.validations = (1...200).map { place in
            var one = validation
            one.step = 200 * place
            return one
        }
        let positions = (0..<150_000).map { point in
            SIMD3(Float(point % 499), Float(point % 743), Float(point % 31)) * 0.1
        }
        let labels = [Int32](repeating: 1, count: positions.count)
        long.scans = (0..<4).map { place in
            ViewedScan(
                name: "\(place)", positions: positions,
                labels: ["truth", "teacher", "student", "student alone"].map { ($0, labels) })
        }
        let size = try long.html.utf8.count
        #expect(size < 3_000_000, "\(size) bytes")
        #expect(size > 2_000_000, "\(size) bytes: the scans are missing")
    }

    @Test func curvesAreThinnedAndInterruptedAtNonFiniteValues() throws {
        let chart = RunCurves(records: report.records, validations: []).loss.text
        #expect(chart.utf8.count < 40_000)
        // The interval with the value that is not finite interrupts the line once.
        let path = try #require(chart.components(separatedBy: "<title>sum").first)
        let last = try #require(path.components(separatedBy: " d=\"").last)
        #expect(last.filter { $0 == "M" }.count == 2)
    }

    @Test func pointPositionsAreKeptWithinOneStep() throws {
        let page = try report.html
        let json = try #require(
            page.components(separatedBy: "id=\"scans-data\">").last?
                .components(separatedBy: "</script>").first)
        struct Scans: Decodable {
            struct One: Decodable {
                let low: [Float]
                let step: Float
                let positions: String
                let labels: [[String]]
            }
            let scans: [One]
        }
        let scan = try #require(
            JSONDecoder().decode(Scans.self, from: Data(json.utf8)).scans.first)
        let decoded = try #require(Data(base64Encoded: scan.positions))
        let bytes = Array(decoded)
        let cells = stride(from: 0, to: bytes.count, by: 2).map {
            Float(UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8)
        }
        let second = (0..<3).map { scan.low[$0] + scan.step * cells[3 + $0] }
        for (place, value) in zip(second, [6.5535, 1, -1] as [Float]) {
            #expect(abs(place - value) <= scan.step)
        }
        #expect(scan.labels[0] == ["truth", Data([0, 255]).base64EncodedString()])
    }

    @Test func axesHaveRoundMarks() {
        #expect(Axis(from: 0, to: 1, marks: 5).marks == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(Axis(from: -3, to: 7, marks: 5).marks.contains(0))
        #expect(Axis(from: 0.01, to: 10, .logarithmic).marks == [0.01, 0.1, 1, 10])
        #expect(Axis(from: 1, to: 10, .logarithmic).place(of: 0) == nil)
        #expect(Axis(covering: [.nan, .infinity]).place(of: 0.5) != nil)
        #expect(Axis(from: 2, to: 4).place(of: 3) == 0.5)
    }
}
